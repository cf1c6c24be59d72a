"""The caller's own images: whatever the kind, each direction keeps its colour."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver.errors import InvalidField, UnreadableImage
from skyserver.layout import assemble
from skyserver.orientation import ORIENTATIONS
from skyserver.request import ConvertRequest
from skyserver.source import read_source
from skyserver.sphere import reorient, reorient_faces

Image = NDArray[np.float32]

WIDTH, EDGE = 256, 64
CROSSES = ("horizontal-cross", "vertical-cross")


def png(image: Image) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(np.round(image * 255).astype(np.uint8)).save(buffer, "png")
    return buffer.getvalue()


def blank(width: int, height: int) -> bytes:
    return png(np.zeros((height, width, 3), np.float32))


def coloured(directions: NDArray[np.float64]) -> Image:
    """Every direction has a colour of its own, and no hard edge."""
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return (unit / 2 + 0.5).astype(np.float32)


def photograph(height: int, width: int) -> Image:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    grown = Pillow.fromarray(small).resize((width, height), Pillow.Resampling.BICUBIC)
    return np.asarray(grown, np.float32) / 255


def panorama_directions(width: int) -> NDArray[np.float64]:
    """Unity's: the centre looks along +X, +Z is left of it."""
    azimuth = (0.5 - (np.arange(width) + 0.5) / width) * 2 * np.pi
    polar = ((np.arange(width // 2) + 0.5) / width * 2 * np.pi)[:, None]
    across, up = np.sin(polar), np.broadcast_to(np.cos(polar), (width // 2, width))
    return np.stack([across * np.cos(azimuth), up, across * np.sin(azimuth)], axis=-1)


def face_directions(size: int) -> NDArray[np.float64]:
    """Unity's: a to the right and b down on each face."""
    places = (np.arange(size) + 0.5) / size * 2 - 1
    a, b = np.meshgrid(places, places)
    one = np.ones_like(a)
    faces = [(one, -b, -a), (-one, -b, a), (a, one, b), (a, -one, -b), (a, -b, one), (-a, -b, -one)]
    return np.stack([np.stack(face, axis=-1) for face in faces])


PANORAMA = coloured(panorama_directions(WIDTH))
FACES = coloured(face_directions(EDGE))


def test_a_panorama_is_taken_as_it_is() -> None:
    equirect = read_source([png(PANORAMA)], ConvertRequest()).equirect
    assert equirect.dtype == np.float32
    np.testing.assert_allclose(equirect, PANORAMA, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_six_faces_in_every_orientation(orientation: str) -> None:
    faces = reorient_faces(FACES, "unity", orientation)
    request = ConvertRequest(orientation=orientation)
    equirect = read_source([png(face) for face in faces], request).equirect
    assert equirect.shape == (WIDTH // 2, WIDTH, 3)
    np.testing.assert_allclose(equirect, PANORAMA, atol=2 / 255)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_panorama_in_every_orientation(orientation: str) -> None:
    theirs = reorient(PANORAMA, "unity", orientation)
    equirect = read_source([png(theirs)], ConvertRequest(orientation=orientation)).equirect
    np.testing.assert_allclose(equirect, PANORAMA, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("kind", ["auto", "given"])
@pytest.mark.parametrize("layout", ["strip", *CROSSES])
def test_a_cubemap_in_one_image(layout: str, kind: str) -> None:
    image = png(assemble(FACES, layout))
    equirect = read_source(
        [image], ConvertRequest(kind=layout if kind == "given" else "auto")
    ).equirect
    np.testing.assert_allclose(equirect, PANORAMA, atol=2 / 255)


@pytest.mark.parametrize("background", [0.0, 1.0])
def test_a_cross_on_any_background(background: float) -> None:
    image = assemble(FACES, "horizontal-cross")
    unused = assemble(np.ones((6, EDGE, EDGE, 3), np.float32), "horizontal-cross") == 0
    image = np.where(unused, np.float32(background), image)
    np.testing.assert_allclose(
        read_source([png(image)], ConvertRequest()).equirect, PANORAMA, atol=2 / 255
    )


@pytest.mark.parametrize(("height", "width"), [(96, 128), (128, 96), (100, 100), (64, 320)])
def test_a_photograph_becomes_a_seamless_panorama(height: int, width: int) -> None:
    """Also one of 4:3 or 3:4, the shapes of crosses."""
    equirect = read_source([png(photograph(height, width))], ConvertRequest()).equirect
    assert equirect.shape[1] == 2 * equirect.shape[0]
    inside = np.abs(np.diff(equirect, axis=1)).mean()
    assert np.abs(equirect[:, 0] - equirect[:, -1]).mean() < 2 * inside


def test_below_is_for_flat_pictures() -> None:
    picture = png(photograph(96, 96))
    equirect = read_source([picture], ConvertRequest(below="#ff0000")).equirect
    np.testing.assert_allclose(
        equirect[-1], np.tile([1.0, 0.0, 0.0], (len(equirect[0]), 1)), atol=0.02
    )


@pytest.mark.parametrize(
    ("images", "request_", "field", "allowed"),
    [
        (lambda: [], ConvertRequest(), "images", "one image, or six cube faces"),
        (lambda: [b""] * 2, ConvertRequest(), "images", "one image, or six cube faces"),
        (lambda: [blank(64, 64)] * 6, ConvertRequest(kind="flat"), "kind", "auto or faces"),
        (lambda: [blank(64, 64)], ConvertRequest(kind="faces"), "images", "six cube faces"),
        (
            lambda: [blank(64, 64)] * 3 + [blank(32, 32)] * 3,
            ConvertRequest(),
            "images[3]",
            "64 x 64, as the first face",
        ),
        (lambda: [blank(64, 32)] * 6, ConvertRequest(), "images[0]", "a square face of 16"),
        (lambda: [blank(8, 8)] * 6, ConvertRequest(), "images[0]", "a square face of 16"),
        (lambda: [blank(48, 8)], ConvertRequest(), "images[0]", "a square face of 16"),
        (lambda: [blank(64, 48)], ConvertRequest(kind="panorama"), "images[0]", "twice as wide"),
        (lambda: [blank(32, 16)], ConvertRequest(), "images[0]", "at least 32 pixels high"),
        (lambda: [blank(64, 48)], ConvertRequest(kind="strip"), "images[0]", "6:1"),
        (lambda: [blank(63, 47)], ConvertRequest(kind="horizontal-cross"), "images[0]", "4:3"),
        (lambda: [blank(60, 60)], ConvertRequest(), "images[0]", "sides of at least 64"),
        (lambda: [blank(900, 100)], ConvertRequest(), "images[0]", "at most 8:1"),
    ],
)
def test_shapes_that_do_not_fit(
    images: Callable[[], list[bytes]], request_: ConvertRequest, field: str, allowed: str
) -> None:
    with pytest.raises(InvalidField) as caught:
        read_source(images(), request_)
    assert caught.value.field == field
    assert allowed in caught.value.allowed
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("index", [0, 5])
def test_an_unreadable_image_is_named(index: int) -> None:
    images = [blank(64, 64)] * 6
    images[index] = b"text"
    with pytest.raises(UnreadableImage) as caught:
        read_source(images, ConvertRequest())
    assert caught.value.field == f"images[{index}]"
