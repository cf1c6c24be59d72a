"""The library: a cloud type in, a skybox as arrays or files out.

from skyserver import SkyGenerator

sky = SkyGenerator().generate("Cu", seed=7)
sky.panorama  # (512, 1024, 3) float32
sky.save("sky.png")
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skyserver import files, pipeline
from skyserver.model import SkyModel
from skyserver.model_info import ModelInfo
from skyserver.request import SkyRequest
from skyserver.source import Source
from skyserver.sphere import equirect_to_faces, equirect_to_view
from skyserver.sun import Sun, find_sun


@dataclass(frozen=True, eq=False)
class Sky:
    """One sky. All images are float32 in [0, 1], sRGB, in Unity's orientation unless one is given.

    `panorama` is equirectangular, (H, 2 H, 3): the horizon in the middle row, up at the top;
    `request` is what drew it.
    """

    panorama: NDArray[np.float32]
    request: SkyRequest

    @property
    def sun(self) -> Sun:
        """Where the light seems to come from, how sure that is, and its colour."""
        return find_sun(self.panorama)

    def resized(self, width: int) -> Sky:
        """Return the same sky with a panorama of (width / 2, width, 3), `width` even."""
        return replace(self, panorama=pipeline.resize_panorama(self.panorama, width))

    def faces(self, size: int = 512, orientation: str = "unity") -> NDArray[np.float32]:
        """Return the cubemap: (6, size, size, 3), faces in the order +X -X +Y -Y +Z -Z.

        `orientation` is a key of `skyserver.orientation.ORIENTATIONS`.
        """
        return equirect_to_faces(self.resized(4 * size).panorama, size, orientation)

    def view(
        self,
        yaw: float = 0.0,
        pitch: float = 0.0,
        fov: float = 90.0,
        width: int = 960,
        height: int = 540,
    ) -> NDArray[np.float32]:
        """Return what a camera in the middle sees: (height, width, 3).

        `yaw` and `pitch` are degrees, to the right and up from +Z; `fov` is the horizontal angle of
        view in degrees.
        """
        return equirect_to_view(self.panorama, yaw, pitch, fov, width, height)

    def save(
        self,
        path: str | PathLike[str],
        layout: str = "panorama",
        size: int | None = None,
        orientation: str = "unity",
        format: str | None = None,
    ) -> list[Path]:
        """Write an image file, or with layout `faces` six of them into the folder `path`.

        What may be given stands in `skyserver.request`. The suffix of the file is its format; that
        of faces is `format` (png without one). Without a size a panorama is 2048 wide, a face 512.
        Files that exist are replaced. Returns the paths written.

        Raises:
            InvalidField: the suffix, or a value given, is not allowed.
            MissingExtra: EXR needs `pip install skyserver[hdr]`.
            OutputError: the file or folder cannot be written.

        """
        path = Path(path)
        output = files.output_for(path, layout, size, orientation, format)
        files.check_writable(path, layout)
        artifacts = pipeline.render(Source(self.panorama), [output], pipeline.Steps())
        placed = files.place(path, layout, artifacts)
        files.write_files(placed)
        return list(placed)


class SkyGenerator:
    """Draws skies with a model file, or with the default model. Safe to share between threads.

    `threads` is how many processor cores a picture may use, 0 for all; `backend` what computes it,
    one of `skyserver.backends.BACKENDS`.

    Raises:
        InvalidField: no backend has this name.
        MissingExtra: this machine lacks the backend.
        ModelError: the model file cannot be read or is not one (docs/model-file.md).

    """

    def __init__(
        self, model: str | PathLike[str] | None = None, threads: int = 0, backend: str = "auto"
    ) -> None:
        self._model = SkyModel.load(model, threads, backend)

    @property
    def info(self) -> ModelInfo:
        """What the model says about itself: its cloud types, picture size, licence."""
        return self._model.info

    def generate(
        self,
        cloud: str,
        seed: int = 0,
        *,
        psi: float = SkyRequest.psi,
        pictures: int = SkyRequest.pictures,
        method: str = SkyRequest.method,
        below: str = SkyRequest.below,
        mix_with: str = SkyRequest.mix_with,
        mix_share: float = SkyRequest.mix_share,
    ) -> Sky:
        """Draw a sky. The same model and arguments give the same sky.

        Args:
            cloud: code or name of a cloud type, as in "Cu" or "cumulus".
            seed: which of the skies, 0 to 2^64 - 1.
            psi: truncation, 0 (the average sky of its type) to 1 (the full variety): Karras et
                al., "A Style-Based Generator Architecture", 2019, appendix B.
            pictures: how many pictures go round the horizon, 1 to 8.
            method: how they become a circle, `blend` or `mirror` (`skyserver.panorama`).
            below: what is below the horizon: `haze`, `mirror` or a colour #rrggbb.
            mix_with: a second cloud type to mix in.
            mix_share: its share, 0 to 1; `cloud` has the rest.

        Raises:
            InvalidField: a value is outside what is allowed.
            NotFound: the model does not know the cloud type.

        """
        request = SkyRequest(
            cloud, seed, psi, pictures, method, below, mix_with=mix_with, mix_share=mix_share
        )
        return Sky(pipeline.draw(self._model, request, pipeline.Steps()), request)
