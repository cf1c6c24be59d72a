"""From a request to encoded images: the steps in their order, and nothing of what they do.

    model -> panorama -> upscale -> sphere -> encode

The panorama is upscaled before anything is sampled from it: an equirectangular image has only the
wrap and the poles to get right, where each of six upscaled faces would have its own four edges.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skyserver.cores import on_cores
from skyserver.decode import MAX_PIXELS
from skyserver.encode import MEDIA_TYPES, encode, import_openexr
from skyserver.latents import sky_latents
from skyserver.layout import assemble
from skyserver.model import SkyModel
from skyserver.panorama import compose
from skyserver.request import ConvertRequest, Output, SkyRequest
from skyserver.resample import resize
from skyserver.source import Source, read_source
from skyserver.sphere import equirect_to_faces, reorient, reorient_faces
from skyserver.sun import Sun, find_sun

STAGES: Final = ("model", "panorama", "upscale", "sphere", "encode")
FACE_NAMES: Final = ("px", "nx", "py", "ny", "pz", "nz")  # +X -X +Y -Y +Z -Z

Image: TypeAlias = NDArray[np.float32]

Progress: TypeAlias = Callable[[str, float], None]
"""Told the stage that a step belongs to and how much of all the work is done, 0 to 1."""

Cancelled: TypeAlias = Callable[[], None]
"""Asked before every step; raises `Cancelled` or `DeadlineExceeded` to stop the work."""


@dataclass(frozen=True)
class Artifact:
    """One encoded image: a file name, unique among the artifacts of a request, and its bytes.

    A panorama, strip or cross is named after its layout (`panorama.png`), the six faces px, nx, py,
    ny, pz, nz (`px.png`); the second of a name gets a number (`px-2.png`).
    `width` and `height` are in pixels.
    """

    name: str
    media_type: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Result:
    """What a request came to: artifacts in the order of its outputs, and seconds spent by stage.

    `sun` is where the light of the sky seems to come from; None from a server that does not say.
    """

    artifacts: tuple[Artifact, ...]
    seconds: dict[str, float]
    sun: Sun | None


class Steps:
    """Keeps the time of each stage, reports progress and looks for cancellation before each step.

    `count` is how many steps there will be in all, for the progress to be a share of.
    """

    def __init__(
        self,
        count: int = 1,
        progress: Progress = lambda _stage, _done: None,
        cancelled: Cancelled = lambda: None,
    ) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._count, self._done = count, 0
        self._progress, self._cancelled = progress, cancelled

    @contextmanager
    def step(self, stage: str) -> Iterator[None]:
        """Surround one step of a stage, one of `STAGES`."""
        self._cancelled()
        self._progress(stage, self._done / self._count)
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start
        self._done += 1


def generate(
    model: SkyModel,
    request: SkyRequest,
    progress: Progress = lambda _stage, _done: None,
    cancelled: Cancelled = lambda: None,
) -> Result:
    """Draw a sky and encode every output of the request from it.

    The same model and request give the same bytes.

    Raises:
        InvalidField: a field of the request is not allowed (`SkyRequest.check`).
        NotFound: the model does not know the cloud type.
        Cancelled, DeadlineExceeded: whatever `cancelled` raises.
        MissingExtra: a format needs a library that is not installed.

    """
    request.check()
    _check_libraries(request.outputs)
    count = _draw_steps(request) + _render_steps(request.outputs)
    steps = Steps(count, progress, cancelled)
    pictures = _pictures(model, request, steps)
    with steps.step("panorama"):
        source = Source(_panorama(pictures, request))
        sun = find_sun(source.equirect)
    return Result(render(source, request.outputs, steps), steps.seconds, sun)


def convert(
    images: Sequence[bytes],
    request: ConvertRequest,
    progress: Progress = lambda _stage, _done: None,
    cancelled: Cancelled = lambda: None,
    max_pixels: int = MAX_PIXELS,
) -> Result:
    """Encode every output of the request from the caller's own picture, panorama or cubemap.

    `images` is one encoded image, or six faces in the order +X -X +Y -Y +Z -Z, each of at most
    `max_pixels`.

    Raises:
        InvalidField: a field of the request, or the shape of an image, is not allowed.
        UnreadableImage: bytes that are not an image, or not a safe one (`decode`).
        Cancelled, DeadlineExceeded: whatever `cancelled` raises.
        MissingExtra: a format needs a library that is not installed.

    """
    request.check()
    _check_libraries(request.outputs)
    steps = Steps(1 + _render_steps(request.outputs), progress, cancelled)
    with steps.step("panorama"):
        source = read_source(images, request, max_pixels)
        sun = find_sun(source.equirect)
    return Result(render(source, request.outputs, steps), steps.seconds, sun)


def draw(model: SkyModel, request: SkyRequest, steps: Steps) -> Image:
    """Draw the panorama of a request: (H, 2 H, 3), in the size that the pictures give it."""
    request.check()
    pictures = _pictures(model, request, steps)
    with steps.step("panorama"):
        return _panorama(pictures, request)


def render(source: Source, outputs: Sequence[Output], steps: Steps) -> tuple[Artifact, ...]:
    """Encode every output of a sky."""
    artifacts: list[Artifact] = []
    detailed = source.equirect
    for output in outputs:
        with steps.step("upscale"):
            width = output.size if output.layout == "panorama" else 4 * output.size
            if detailed.shape[1] != width:
                detailed = resize_panorama(source.equirect, width)
        with steps.step("sphere"):
            images = _project(replace(source, equirect=detailed), output)
        with steps.step("encode"):
            artifacts += on_cores(partial(_artifact, output), images.items())
    return _unique(artifacts)


def resize_panorama(equirect: Image, width: int) -> Image:
    """Return the panorama at (width / 2, width, 3), sharp, wrapping, anti-aliased if it shrinks."""
    if equirect.shape[1] == width:
        return equirect
    return resize(equirect, width, width // 2, wrap=True)


def _project(source: Source, output: Output) -> dict[str, Image]:
    """Images of one output by name. A given cubemap of its size keeps its texels."""
    if output.layout == "panorama":
        return {"panorama": reorient(source.equirect, "unity", output.orientation)}
    if source.faces is not None and source.faces.shape[1] == output.size:
        faces = reorient_faces(source.faces, "unity", output.orientation)
    else:
        faces = equirect_to_faces(source.equirect, output.size, output.orientation)
    if output.layout == "faces":
        return dict(zip(FACE_NAMES, faces, strict=True))
    return {output.layout: assemble(faces, output.layout)}


def _check_libraries(outputs: Sequence[Output]) -> None:
    """Find out before the work, not after it, that a format needs a library."""
    if any(output.format == "exr" for output in outputs):
        import_openexr()


def _pictures(model: SkyModel, request: SkyRequest, steps: Steps) -> list[Image]:
    """The pictures of a sky, each (1, h, w, 3): the ring's, then the zenith's."""
    weights = model.class_weights(request.cloud, request.mix_with, request.mix_share)
    latents = sky_latents(request.seed, model.info.layers, model.info.z_dim, request.pictures)
    pictures = []
    for latent in latents[: _drawn_pictures(request)]:
        with steps.step("model"):
            pictures.append(model.run(latent[None], weights, request.psi))
    return pictures


def _panorama(pictures: Sequence[Image], request: SkyRequest) -> Image:
    ring, zenith = np.concatenate(pictures[:-1] or pictures), pictures[-1][0]
    return compose(ring, zenith, request.method, request.below)


def _drawn_pictures(request: SkyRequest) -> int:
    """The ring's and the zenith's; `mirror` uses the ring's first alone."""
    return 1 if request.method == "mirror" else request.pictures + 1


def _draw_steps(request: SkyRequest) -> int:
    return _drawn_pictures(request) + 1  # and the panorama


def _render_steps(outputs: Sequence[Output]) -> int:
    return 3 * len(outputs)


def _artifact(output: Output, named: tuple[str, Image]) -> Artifact:
    name, image = named
    height, width, _ = image.shape
    data = encode(image, output.format)
    return Artifact(f"{name}.{output.format}", MEDIA_TYPES[output.format], data, width, height)


def _unique(artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    seen: Counter[str] = Counter()
    named = []
    for artifact in artifacts:
        seen[artifact.name] += 1
        stem, _, suffix = artifact.name.rpartition(".")
        number = seen[artifact.name]
        name = artifact.name if number == 1 else f"{stem}-{number}.{suffix}"
        named.append(replace(artifact, name=name))
    return tuple(named)
