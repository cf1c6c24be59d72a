"""The caller's own image, whatever it is, as a panorama in Unity's orientation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.decode import MAX_PIXELS, decode
from skyserver.errors import InvalidField
from skyserver.layout import assemble, guess_layout, split
from skyserver.panorama import compose
from skyserver.request import ConvertRequest
from skyserver.sphere import faces_to_equirect, reorient, reorient_faces

Image = NDArray[np.float32]

FACE_EDGES: Final = (16, 4096)  # texels
LEAST_PANORAMA: Final = 32  # texels high
LEAST_FLAT: Final = 64  # pixels, the shorter side
LONGEST_FLAT: Final = 8  # times as wide as high, or as high as wide
WIDE: Final = 2.5  # times as wide as high: a flat picture that fills a third of the circle
_FLAT_CORNERS: Final = (
    0.05  # range of values within which the unused corners of a cross are one colour
)


@dataclass(frozen=True, eq=False)
class Source:
    """A panorama (H, 2 H, 3) and, where it was one, the cubemap (6, H / 2, H / 2, 3) it is made of.

    Both are in Unity's orientation.
    """

    equirect: Image
    faces: Image | None = None


def read_source(
    images: Sequence[bytes], request: ConvertRequest, max_pixels: int = MAX_PIXELS
) -> Source:
    """Read one encoded image, or six faces in the order +X -X +Y -Y +Z -Z.

    A flat picture goes round the circle four times, three if it is wide, and covers the zenith.

    Raises:
        InvalidField: the number of images, or the shape of one, does not fit the kind.
        UnreadableImage: bytes that are not an image, or not a safe one.

    """
    if len(images) not in (1, 6):
        raise InvalidField("images", len(images), "one image, or six cube faces")
    if len(images) == 6:
        if request.kind not in ("auto", "faces"):
            raise InvalidField("kind", request.kind, "auto or faces, as there are six images")
        return _from_faces(_read_faces(images, max_pixels), request.orientation)
    image = decode(images[0], "images[0]", max_pixels)
    kind = _guess(image) if request.kind == "auto" else request.kind
    if kind == "faces":
        raise InvalidField("images", 1, "six cube faces")
    if kind == "panorama":
        return Source(_from_panorama(image, request.orientation))
    if kind == "flat":
        return Source(_from_flat(image, request))
    return _from_faces(_split(image, kind), request.orientation)


def _guess(image: Image) -> str:
    """The kind that the shape says. A photograph of 4:3 is no cross: its corners are in use."""
    height, width, _ = image.shape
    if width == 2 * height:
        return "panorama"
    layout = guess_layout(width, height)
    if layout is None or (layout != "strip" and not _has_unused_corners(image, layout)):
        return "flat"
    return layout


def _has_unused_corners(image: Image, layout: str) -> bool:
    edge = max(image.shape) // 4
    used = assemble(np.ones((6, edge, edge, 3), np.float32), layout)[:, :, 0] > 0
    return bool(np.ptp(image[~used], axis=0).max() < _FLAT_CORNERS)


def _read_faces(images: Sequence[bytes], max_pixels: int) -> Image:
    faces: list[Image] = []
    for index, data in enumerate(images):
        field = f"images[{index}]"
        face = decode(data, field, max_pixels)
        _check_face(field, face)
        if face.shape != (faces or [face])[0].shape:
            edge = faces[0].shape[0]
            raise InvalidField(field, _size(face), f"{edge} x {edge}, as the first face")
        faces.append(face)
    return np.stack(faces)


def _split(image: Image, layout: str) -> Image:
    try:
        faces = split(image, layout)
    except InvalidField as error:
        raise InvalidField("images[0]", error.given, error.allowed) from None
    _check_face("images[0]", faces[0])
    return faces


def _from_faces(faces: Image, orientation: str) -> Source:
    upright = reorient_faces(faces, orientation, "unity")
    return Source(faces_to_equirect(upright, 4 * faces.shape[1]), upright)


def _from_panorama(image: Image, orientation: str) -> Image:
    height, width, _ = image.shape
    if width != 2 * height or height < LEAST_PANORAMA:
        allowed = f"a panorama twice as wide as high, at least {LEAST_PANORAMA} pixels high"
        raise InvalidField("images[0]", _size(image), allowed)
    return reorient(image, orientation, "unity")


def _from_flat(image: Image, request: ConvertRequest) -> Image:
    height, width, _ = image.shape
    short, long = sorted((height, width))
    if short < LEAST_FLAT or long > LONGEST_FLAT * short:
        allowed = f"sides of at least {LEAST_FLAT} pixels, at most {LONGEST_FLAT}:1"
        raise InvalidField("images[0]", _size(image), allowed)
    times = 4 if width < WIDE * height else 3
    ring = np.broadcast_to(image, (times, *image.shape))
    return compose(ring, image, request.method, request.below)


def _check_face(field: str, face: Image) -> None:
    low, high = FACE_EDGES
    if face.shape[0] != face.shape[1] or not low <= face.shape[0] <= high:
        raise InvalidField(field, _size(face), f"a square face of {low} to {high} pixels")


def _size(image: Image) -> str:
    height, width, _ = image.shape
    return f"{width} x {height}"
