"""A generator: an ONNX file with metadata (docs/model-file.md) and the backend that runs it."""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.backends import RefusedModelError, Session, one_line, open_session, open_unoptimized
from skyserver.errors import ModelError, NotFound
from skyserver.model_info import ModelInfo, UnfitModelError, describe
from skyserver.onnx_wire import WireError, has_external_data

MAX_MODEL_BYTES: Final = 512 * 2**20


class SkyModel:
    """A loaded model. It keeps no state between runs and may run in several threads at once.

    `file` is where it was read from.
    """

    def __init__(self, info: ModelInfo, session: Session, file: Traversable) -> None:
        self.info = info
        self.file = file
        self._session = session

    @property
    def backend(self) -> str:
        """Name of the backend that draws, one of `skyserver.backends.BACKENDS` but not auto."""
        return self._session.backend

    @classmethod
    def load(
        cls, path: str | PathLike[str] | None = None, threads: int = 0, backend: str = "auto"
    ) -> SkyModel:
        """Load a model file, the default model without a path. The file is not trusted.

        `threads` is how many processor cores one run may use, 0 for all; `backend` one of
        `skyserver.backends.BACKENDS`.

        Raises:
            InvalidField: no backend has this name.
            MissingExtra: this machine lacks the backend.
            ModelError: the file is absent, too big, not a model of the specification, or unsafe.

        """
        file, data = _read(path)
        try:
            if has_external_data(data):
                raise ModelError(f"{file}: external data; allowed: a model with its weights inside")
        except WireError as error:
            raise ModelError(f"{file}: not an ONNX file, or damaged ({error})") from None
        try:
            info = describe(open_unoptimized(data), hashlib.sha256(data).hexdigest())
            session = open_session(data, threads, backend)
        except (UnfitModelError, RefusedModelError) as error:
            raise ModelError(f"{file}: {error}") from None
        except UnicodeDecodeError:
            raise ModelError(f"{file}: damaged (text that is not UTF-8)") from None
        return cls(info, session, default_file() if path is None else Path(path))

    def class_weights(
        self, cloud: str, mix_with: str = "", mix_share: float = 0.5
    ) -> NDArray[np.float32]:
        """Weights (classes,) of a cloud type: one-hot, or with `mix_share` of another one.

        Cloud types are given by code or name, in any case.

        Raises:
            NotFound: the model has no such class; the error lists those it has.

        """
        weights = self._one_hot("cloud", cloud)
        if not mix_with:
            return weights
        share = np.float32(mix_share)
        return (1 - share) * weights + share * self._one_hot("mix_with", mix_with)

    def _one_hot(self, field: str, cloud: str) -> NDArray[np.float32]:
        wanted = cloud.casefold()
        for index, known in enumerate(self.info.classes):
            if wanted in (known.code.casefold(), known.name.casefold()):
                weights = np.zeros(len(self.info.classes), dtype=np.float32)
                weights[index] = 1
                return weights
        raise NotFound(
            field, cloud, [f"{known.code} ({known.name})" for known in self.info.classes]
        )

    def run(
        self, z: NDArray[np.float32], c: NDArray[np.float32], psi: float
    ) -> NDArray[np.float32]:
        """Draw n pictures: shape (n, height, width, 3), float32 in [0, 1], sRGB.

        `z` is (n, layers, z_dim), `c` class weights (classes,), `psi` truncation from 0 (the
        average picture of the class) to 1 (none). Pictures are drawn one at a time, so that none
        depends on its company and memory does not grow with n.

        Raises:
            ModelError: the model draws something else than it declared.

        """
        feed = {"c": c[None], "psi": np.array([psi], dtype=np.float32)}
        return np.concatenate([self._draw({"z": latent[None], **feed}) for latent in z])

    def _draw(self, feed: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        info = self.info
        try:
            image = self._session.run(feed)
        except Exception as error:
            raise ModelError(f"model {info.name}: failed to draw ({one_line(error)})") from None
        if image.shape != (1, 3, info.height, info.width) or not np.isfinite(image).all():
            raise ModelError(f"model {info.name}: drew something else than the image it declares")
        picture: NDArray[np.float32] = np.clip(image.transpose(0, 2, 3, 1) / 2 + 0.5, 0, 1)
        return picture


def default_file() -> Traversable:
    """Where the default model is, if this installation has it."""
    return resources.files("skyserver") / "models" / "default.onnx"


def _read(path: str | PathLike[str] | None) -> tuple[str, bytes]:
    """Return the file's name and bytes, read once: what is checked is what is run."""
    if path is None:
        file = default_file()
        if not file.is_file():
            raise ModelError("the default model is not in this installation; give a model file")
        return "default.onnx", file.read_bytes()
    name = fspath(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_MODEL_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{name}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_MODEL_BYTES:
        raise ModelError(f"{name}: too big; allowed: {MAX_MODEL_BYTES // 2**20} MiB")
    return name, data
