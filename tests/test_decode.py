"""What may come from outside: every kind that is read, every kind that is refused, and fuzz."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import OpenEXR
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from skyserver.decode import MAX_PIXELS, decode
from skyserver.encode import encode
from skyserver.errors import UnreadableImage
from skyserver.request import FORMATS

RNG = np.random.default_rng(6)
PIXELS = RNG.integers(0, 256, (6, 9, 3), np.uint8)


def file_of(image: Pillow.Image, format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(edge: int) -> bytes:
    """A true PNG, one bit a pixel, all black."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (edge + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(edge)) + packer.flush()
    return png_header(edge, edge) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


# Read


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_eight_bits(format: str) -> None:
    data = file_of(Pillow.fromarray(PIXELS), format, lossless=True)
    image = decode(data, "sky")
    assert image.dtype == np.float32
    np.testing.assert_allclose(image * 255, PIXELS, atol=1e-4)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "CMYK"])
def test_other_modes(mode: str) -> None:
    picture = Pillow.fromarray(PIXELS).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Pillow.fromarray(PIXELS[..., 0]))
    format = "JPEG" if mode == "CMYK" else "PNG"
    image = decode(file_of(picture, format, quality=100), "sky")
    expected = np.asarray(picture.convert("RGB"), np.float32) / 255
    np.testing.assert_allclose(image, expected, atol=0.05 if mode == "CMYK" else 1e-6)


def test_sixteen_bits_of_grey() -> None:
    grey = RNG.integers(0, 65536, (5, 7), np.uint16)
    image = decode(file_of(Pillow.fromarray(grey)), "sky")
    np.testing.assert_allclose(image * 65535, grey[..., None].repeat(3, 2), atol=0.01)


def test_sixteen_bits_of_colour() -> None:
    values = np.array([[[0, 0x1280, 0xFFFF], [0x8000, 0x0100, 0xFF00]]], ">u2")
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + values.tobytes())), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
    np.testing.assert_allclose(decode(data, "sky"), values / 65535, atol=1 / 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    image = decode(file_of(Pillow.fromarray(PIXELS), "PNG", exif=exif), "sky")
    # EXIF 2.3, table 6: where row 0 and column 0 of the file belong.
    upright = {
        1: PIXELS,
        2: PIXELS[:, ::-1],
        3: PIXELS[::-1, ::-1],
        4: PIXELS[::-1],
        5: PIXELS.transpose(1, 0, 2),
        6: PIXELS[::-1].transpose(1, 0, 2),
        7: PIXELS[::-1, ::-1].transpose(1, 0, 2),
        8: PIXELS[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    np.testing.assert_allclose(image * 255, upright, atol=1e-4)


def test_light_above_one_and_no_number_are_clipped() -> None:
    light = np.float32([[[4, 1, 0.5], [np.inf, np.nan, -1]]])
    file = io.BytesIO()
    OpenEXR.File({}, {"RGB": light}).write(file)
    image = decode(file.getvalue(), "sky")
    np.testing.assert_allclose(image, [[[1, 1, 0.7353569], [1, 0, 0]]], atol=1e-6)


def test_a_phone_s_jpeg_with_further_pictures_is_its_first() -> None:
    first, second = Pillow.fromarray(PIXELS), Pillow.new("RGB", (9, 6))
    data = file_of(first, "MPO", save_all=True, append_images=[second])
    assert decode(data, "sky").mean() == pytest.approx(PIXELS.mean() / 255, abs=0.02)


# Refused


def animation(format: str) -> bytes:
    frames = [Pillow.fromarray(PIXELS), Pillow.new("RGB", (9, 6))]
    return file_of(frames[0], format, save_all=True, append_images=frames[1:], duration=100)


@pytest.mark.parametrize(
    ("data", "given"),
    [
        (b"", "an empty file"),
        (b"These are words, and the file is called sky.png", "text"),
        (bytes(range(128, 256)), "no image"),
        (b"\x89PNG\r\n\x1a\n", "no image"),
        (animation("GIF"), "a GIF"),
        (animation("PNG"), "an animation"),
        (animation("WEBP"), "an animation"),
        (file_of(Pillow.fromarray(PIXELS), "BMP"), "a BMP"),
        (file_of(Pillow.fromarray(PIXELS), "TIFF"), "a TIFF"),
        (b"#?RADIANCE\n", "an HDR that is not a Radiance picture"),
        (b"\x76\x2f\x31\x01", "a broken EXR"),
    ],
)
def test_what_is_no_still_picture_is_named(data: bytes, given: str) -> None:
    with pytest.raises(UnreadableImage) as caught:
        decode(data, "images[2]")
    message = str(caught.value)
    assert message.startswith(f"images[2]: '{given}")
    assert "a PNG, JPEG, WebP, HDR or EXR image" in message
    assert "\n" not in message


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(format: str, share: float) -> None:
    data = encode(RNG.random((40, 40, 3), np.float32), format)
    with pytest.raises(UnreadableImage, match="sky: "):
        decode(data[: int(share * len(data))], "sky")


def test_a_bomb_is_refused_from_its_header() -> None:
    data = bomb(30_000)
    assert len(data) < 200_000
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(UnreadableImage, match=r"sky: .* allowed: 1 to 50331648 pixels"):
        decode(data, "sky")
    assert time.perf_counter() - start < 1
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("format", FORMATS)
def test_a_caller_may_allow_fewer_pixels(format: str) -> None:
    data = encode(np.zeros((4, 6, 3), np.float32), format)
    assert decode(data, "sky", 24).shape == (4, 6, 3)
    with pytest.raises(UnreadableImage, match=r"sky: '6 x 4 pixels' .* 1 to 23 pixels"):
        decode(data, "sky", 23)


@pytest.mark.parametrize(
    "data",
    [
        png_header(8192, 6145) + png_chunk(b"IDAT", b""),  # above our limit, below Pillow's
        png_header(10_000, 10_000) + png_chunk(b"IDAT", b""),  # above Pillow's first limit
        b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 30000 +X 30000\n",
        b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 0 +X 8\n",
    ],
)
def test_sizes_beyond_the_limit_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage, match=f"1 to {MAX_PIXELS} pixels"):
        decode(data, "sky")


def test_a_large_exr_is_refused_from_its_header() -> None:
    data = encode(np.zeros((2, 2, 3), np.float32), "exr")
    window = struct.pack("<4i", 0, 0, 1, 1)
    assert window in data
    large = data.replace(window, struct.pack("<4i", 0, 0, 29_999, 29_999))
    with pytest.raises(UnreadableImage, match="30000 x 30000 pixels"):
        decode(large, "sky")


def test_an_exr_without_colours_is_refused() -> None:
    file = io.BytesIO()
    OpenEXR.File({}, {"Z": np.zeros((4, 4), np.float32)}).write(file)
    with pytest.raises(UnreadableImage, match="channels R, G and B"):
        decode(file.getvalue(), "sky")


@given(
    format=st.sampled_from(FORMATS),
    at=st.floats(0, 1, exclude_max=True),
    damage=st.binary(min_size=1, max_size=8),
)
@settings(max_examples=150)
def test_damaged_files_are_read_or_refused(format: str, at: float, damage: bytes) -> None:
    data = bytearray(encode(PIXELS.astype(np.float32) / 255, format))
    start = int(at * len(data))
    data[start : start + len(damage)] = damage
    try:
        image = decode(bytes(data), "sky")
    except UnreadableImage:
        return
    assert image.dtype == np.float32
    assert image.shape[2] == 3
    assert image.min() >= 0
    assert image.max() <= 1
