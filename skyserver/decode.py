"""Untrusted bytes to an image: PNG, JPEG, WebP, HDR, EXR, and nothing else.

The size is read from the header and checked before anything is decoded, and the file's own words
decide what it is, never its name. What is refused is refused with `UnreadableImage`.
"""

from __future__ import annotations

import io
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from skyserver import jpeg, radiance
from skyserver.encode import import_openexr
from skyserver.errors import UnreadableImage
from skyserver.srgb import from_linear

Image = NDArray[np.float32]

MAX_PIXELS: Final = 8192 * 6144  # the largest image that SkyServer makes: a cross of 2048s faces
_READABLE: Final = "a PNG, JPEG, WebP, HDR or EXR image"
_BY_PILLOW: Final = ("PNG", "JPEG", "WEBP")
_MAX_JPEG_SCANS: Final = 100  # encoders write 1 to 20
_MAX_EXR_VALUES: Final = 4  # for each pixel that is allowed: R, G, B and A
_EXR_SIGNATURE: Final = b"\x76\x2f\x31\x01"
_FOREIGN: Final = {b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF"}


def decode(data: bytes, field: str, max_pixels: int = MAX_PIXELS) -> Image:
    """Image (height, width, 3), float32 in [0, 1], sRGB, of a file's bytes.

    It is turned as its EXIF orientation says; transparency is dropped, as a skybox does; of 16 bits
    a colour the upper 8 are used, of 16 bits of grey all; linear light above 1 is clipped.

    `field` is what an error calls it. Raises `UnreadableImage` for anything but one whole image of
    at most `max_pixels` in a format that is read, `MissingExtra` for EXR without OpenEXR.
    """
    if data.startswith(radiance.SIGNATURE):
        return _decode_radiance(data, field, max_pixels)
    if data.startswith(_EXR_SIGNATURE):
        return _decode_exr(data, field, max_pixels)
    return _decode_with_pillow(data, field, max_pixels)


def _decode_with_pillow(data: bytes, field: str, max_pixels: int) -> Image:
    try:
        image = Pillow.open(io.BytesIO(data), formats=_BY_PILLOW)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        _refuse_size(field, "too many pixels", max_pixels)
    except Exception:
        raise UnreadableImage(field, _describe(data), _READABLE) from None
    _check_size(field, *image.size, max_pixels)
    # A JPEG with further pictures inside (a phone's previews) is not animated.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise UnreadableImage(field, "an animation", f"one still picture, {_READABLE}")
    if image.format in ("JPEG", "MPO") and (count := jpeg.scans(data)) > _MAX_JPEG_SCANS:
        raise UnreadableImage(field, f"a JPEG of {count} scans", f"1 to {_MAX_JPEG_SCANS} scans")
    try:
        image.load()
        return _to_float(ImageOps.exif_transpose(image))
    except Exception:  # Pillow's decoders raise many kinds at what is broken
        raise UnreadableImage(field, f"a broken {image.format}", f"whole: {_READABLE}") from None


def _to_float(image: Pillow.Image) -> Image:
    if image.mode.startswith("I"):  # 16 bits of grey, in the low half of 32 or by themselves
        grey = np.asarray(image, np.float32) / np.float32(65535)
        return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2)
    pixels = np.array(image.convert("RGB"), np.float32)
    pixels /= 255
    return pixels


def _decode_radiance(data: bytes, field: str, max_pixels: int) -> Image:
    try:
        _check_size(field, *radiance.size(data), max_pixels)
        return _from_light(radiance.read(data))
    except ValueError as error:
        raise UnreadableImage(field, f"an HDR that is {error}", f"whole: {_READABLE}") from None


def _decode_exr(data: bytes, field: str, max_pixels: int) -> Image:
    openexr = import_openexr()
    try:
        file = openexr.File(io.BytesIO(data), header_only=True)
        header, parts = file.header(), len(file.parts)
        low, high = header["dataWindow"]
        width, height = (high - low + 1).tolist()
        channels, storage = len(header["channels"]), header["type"]
    except Exception:
        raise UnreadableImage(field, "a broken EXR", f"whole: {_READABLE}") from None
    _check_size(field, width, height, max_pixels)
    # OpenEXR unpacks all that is there, of which R, G and B are wanted.
    if parts != 1 or storage not in (openexr.scanlineimage, openexr.tiledimage):
        raise UnreadableImage(field, "an EXR of several parts or depths", "one flat picture")
    if width * height * channels > _MAX_EXR_VALUES * max_pixels:
        given = f"{channels} channels of {width} x {height} pixels"
        raise UnreadableImage(field, given, f"{_MAX_EXR_VALUES * max_pixels} values")
    try:
        planes = openexr.File(io.BytesIO(data), separate_channels=True).channels()
        colours = [np.asarray(planes[name].pixels, np.float32) for name in "RGB"]
        return _from_light(np.stack(colours, axis=-1))
    except Exception:
        allowed = f"whole, with channels R, G and B: {_READABLE}"
        raise UnreadableImage(field, "a broken EXR", allowed) from None


def _from_light(linear: Image) -> Image:
    return from_linear(np.clip(np.nan_to_num(linear), 0, 1))


def _check_size(field: str, width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1 or width * height > max_pixels:
        _refuse_size(field, f"{width} x {height} pixels", max_pixels)


def _refuse_size(field: str, given: str, max_pixels: int) -> NoReturn:
    raise UnreadableImage(field, given, f"1 to {max_pixels} pixels")


def _describe(data: bytes) -> str:
    if not data:
        return "an empty file"
    for signature, name in _FOREIGN.items():
        if data.startswith(signature):
            return name
    try:
        data[:1000].decode()
    except UnicodeDecodeError:
        return "no image"
    return "text"
