"""Images to files: PNG, JPEG and WebP in sRGB, EXR and HDR in linear light."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver import png, radiance
from skyserver.errors import InvalidField, MissingExtra
from skyserver.srgb import to_linear

Image = NDArray[np.float32]

_ROWS: Final = 16  # that are rounded at a time, to stay in the cache


def encode(image: Image, format: str) -> bytes:
    """File of an image (height, width, 3), float32 in [0, 1], sRGB. `format` is one of `FORMATS`.

    PNG, JPEG (quality 95, chroma at full size) and WebP (quality 95) are 8-bit; EXR is float32
    linear light, losslessly packed; HDR is linear light in Radiance's RGBE. The same image and the
    same libraries give the same bytes.

    Raises `InvalidField` for another format, `MissingExtra` for EXR without OpenEXR.
    """
    if format not in _ENCODERS:
        raise InvalidField("format", format, ", ".join(_ENCODERS))
    return _ENCODERS[format](image)


def _with_pillow(name: str, **options: Any) -> Callable[[Image], bytes]:
    def encode_eight_bits(image: Image) -> bytes:
        file = io.BytesIO()
        Pillow.fromarray(_to_eight_bits(image)).save(file, name, **options)
        return file.getvalue()

    return encode_eight_bits


def _to_eight_bits(image: Image) -> NDArray[np.uint8]:
    rounded = np.empty(image.shape, np.uint8)
    for start in range(0, len(image), _ROWS):
        rows = slice(start, start + _ROWS)
        rounded[rows] = np.rint(np.clip(image[rows], 0, 1) * np.float32(255))
    return rounded


def _exr(image: Image) -> bytes:
    openexr = import_openexr()
    header = {"compression": openexr.ZIP_COMPRESSION, "type": openexr.scanlineimage}
    file = io.BytesIO()
    openexr.File(header, {"RGB": to_linear(image)}).write(file)
    return file.getvalue()


def import_openexr() -> Any:
    """The optional module OpenEXR. Raises `MissingExtra` where it is not installed."""
    try:
        import OpenEXR
    except ImportError as error:
        message = "EXR needs the library OpenEXR: pip install skyserver[hdr]"
        raise MissingExtra(message) from error
    return OpenEXR


_ENCODERS: Final[dict[str, Callable[[Image], bytes]]] = {
    "png": lambda image: png.write(_to_eight_bits(image)),
    "jpg": _with_pillow("JPEG", quality=95, subsampling=0),
    "webp": _with_pillow("WEBP", quality=95, method=0),
    "exr": _exr,
    "hdr": lambda image: radiance.write(to_linear(image)),
}
MEDIA_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "exr": "image/x-exr",
    "hdr": "image/vnd.radiance",
}
