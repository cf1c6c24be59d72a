"""Files against the libraries that others read them with."""

from __future__ import annotations

import io
import sys

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver.decode import decode
from skyserver.encode import MEDIA_TYPES, encode
from skyserver.errors import InvalidField, MissingExtra
from skyserver.request import FORMATS
from skyserver.srgb import to_linear

Image = NDArray[np.float32]


def sky(height: int = 40, width: int = 80) -> Image:
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    planes = [0.5 + 0.5 * np.sin(3 * x + y), 0.6 + 0.4 * np.cos(2 * y), 1 - x * y]
    return np.stack(planes, axis=-1).astype(np.float32)


def read_by_pillow(data: bytes, format: str) -> Image:
    with Pillow.open(io.BytesIO(data), formats=[format]) as image:
        assert image.mode == "RGB"
        return np.asarray(image, np.float32) / 255


def test_every_format_that_can_be_asked_for_is_written() -> None:
    assert set(MEDIA_TYPES) == set(FORMATS)
    for format in FORMATS:
        assert encode(sky(), format)


@pytest.mark.parametrize(
    ("format", "name", "tolerance"),
    [("png", "PNG", 0.5 / 255), ("jpg", "JPEG", 0.02), ("webp", "WEBP", 0.03)],
)
def test_eight_bit_formats(format: str, name: str, tolerance: float) -> None:
    image = sky()
    error = np.abs(read_by_pillow(encode(image, format), name) - image)
    assert error.max() <= tolerance + 1e-6


def test_png_rounds_to_the_nearest_and_clips() -> None:
    values = np.float32([-1, 0, 0.49 / 255, 0.51 / 255, 254.6 / 255, 1, 2])
    image = np.repeat(values[None, :, None], 3, axis=2)
    pixels = read_by_pillow(encode(image, "png"), "PNG")[0, :, 0] * 255
    assert pixels.round().tolist() == [0, 0, 0, 1, 255, 255, 255]


def test_jpeg_keeps_chroma_at_full_size() -> None:
    with Pillow.open(io.BytesIO(encode(sky(), "jpg"))) as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


def test_exr_is_float32_linear_light() -> None:
    image = sky()
    channels = OpenEXR.File(io.BytesIO(encode(image, "exr"))).channels()
    pixels = channels["RGB"].pixels
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels, to_linear(image))


@pytest.mark.parametrize("format", FORMATS)
def test_same_image_same_bytes(format: str) -> None:
    assert encode(sky(), format) == encode(sky(), format)


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_encoded_can_be_decoded(format: str) -> None:
    image = sky()
    tolerance = {"png": 0.002, "jpg": 0.02, "webp": 0.03, "exr": 1e-6, "hdr": 0.01}[format]
    np.testing.assert_allclose(decode(encode(image, format), "file"), image, atol=tolerance)


def test_exr_without_its_library_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    file = encode(sky(), "exr")
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(MissingExtra, match=r"OpenEXR.*pip install skyserver\[hdr\]"):
        encode(sky(), "exr")
    with pytest.raises(MissingExtra, match=r"OpenEXR.*pip install skyserver\[hdr\]"):
        decode(file, "file")


def test_another_format_is_refused() -> None:
    with pytest.raises(InvalidField, match="format: 'gif' is not allowed; allowed: png, jpg"):
        encode(sky(), "gif")
