"""From a request to encoded images: the steps in their order, and nothing of what they do.

    model -> panorama -> upscale -> sphere -> encode

The panorama is upscaled before anything is sampled from it: an equirectangular image has only two
edges to get right (the wrap and the poles), where each of six upscaled faces would have its own four.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.decode import decode
from skyserver.encode import EXTENSIONS, MEDIA_TYPES, encode
from skyserver.errors import InvalidField
from skyserver.latents import sky_latents
from skyserver.layout import assemble, guess_layout, split
from skyserver.model import SkyModel
from skyserver.panorama import compose
from skyserver.request import ConvertRequest, Output, SkyRequest
from skyserver.resample import resize
from skyserver.sphere import equirect_to_faces, faces_to_equirect, reorient

STAGES: Final = ("model", "panorama", "upscale", "sphere", "encode")
FACE_NAMES: Final = ("px", "nx", "py", "ny", "pz", "nz")  # +X -X +Y -Y +Z -Z

Image = NDArray[np.float32]
Progress = Callable[[str, float], None]
"""Told the stage that begins and how much of all the work is done, 0 to 1."""
Cancelled = Callable[[], None]
"""Asked before every step; raises `errors.Cancelled` or `errors.DeadlineExceeded` to stop the work."""


@dataclass(frozen=True)
class Artifact:
    """One encoded image: a file name, unique among the artifacts of a request, and its bytes.

    A panorama, strip or cross is named after its layout (`panorama.png`), the six faces px, nx, py,
    ny, pz, nz (`px.png`); a name that a request makes twice gets a number (`px-2.png`).
    `width` and `height` are in pixels.
    """

    name: str
    media_type: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Result:
    """What a request came to: artifacts in the order of its outputs, and seconds spent by stage."""

    artifacts: tuple[Artifact, ...]
    seconds: dict[str, float]


def generate(
    model: SkyModel,
    request: SkyRequest,
    progress: Progress = lambda stage, done: None,
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
    ...


def convert(
    images: Sequence[bytes],
    request: ConvertRequest,
    progress: Progress = lambda stage, done: None,
    cancelled: Cancelled = lambda: None,
) -> Result:
    """Encode every output of the request from the caller's own picture, panorama or cubemap.

    `images` is one encoded image, or six faces in the order +X -X +Y -Y +Z -Z.

    Raises:
        InvalidField: a field of the request, or the shape of an image, is not allowed.
        UnreadableImage: bytes that are not an image, or not a safe one (`decode`).
        Cancelled, DeadlineExceeded: whatever `cancelled` raises.
        MissingExtra: a format needs a library that is not installed.

    """
    ...
