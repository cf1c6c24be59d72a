"""Radiance pictures (.hdr): linear RGB whose three mantissas share an exponent.

Source: Ward, "Real Pixels", Graphics Gems II, 1991, and the file format of the Radiance 5.x manual
(filefmts). A texel (r, g, b, e) stands for (r, g, b) * 2^(e - 136), which is exact to one part in
256 of the brightest channel. Nothing but numpy is needed to write that, so no optional library is.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIGNATURE: Final = b"#?"
_HEADER: Final = re.compile(
    rb"#\?[^\n]*\n(?:[^\n]+\n){0,64}?FORMAT=32-bit_rle_rgbe\n(?:[^\n]+\n){0,64}?\n"
    rb"-Y (\d{1,5}) \+X (\d{1,5})\n"
)
_PACKED_WIDTHS: Final = range(8, 1 << 15)  # only such scanlines may be run-length encoded
_LONGEST: Final = 128  # bytes that one count can announce
_LONGEST_HEADER: Final = 1 << 14  # bytes


def write(linear: Floats) -> bytes:
    """File of a picture (height, width, 3) of linear light, 0 or more."""
    height, width, _ = linear.shape
    header = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode()
    texels = _to_rgbe(linear)
    if width not in _PACKED_WIDTHS:
        return header + texels.tobytes()
    # Each channel of a scanline as literals: photographs hold next to no runs worth looking for.
    whole, rest = divmod(width, _LONGEST)
    counts = [_LONGEST] * whole + [rest] * (rest > 0)
    starts = np.cumsum([0, *counts[:-1]])
    planes = np.insert(texels.transpose(0, 2, 1), starts, np.array(counts, np.uint8), axis=2)
    lines = np.empty((height, 4 + 4 * planes.shape[2]), np.uint8)
    lines[:, :4] = list(_line_start(width))
    lines[:, 4:] = planes.reshape(height, -1)
    return header + lines.tobytes()


def size(data: bytes) -> tuple[int, int]:
    """Width and height of a file. Raises `ValueError` if the header is not one."""
    width, height, _ = _parse_header(data)
    return width, height


def read(data: bytes) -> Floats:
    """Linear light (height, width, 3) of a file. Raises `ValueError` if it is not a whole one."""
    width, height, end = _parse_header(data)
    body = memoryview(data)[end:]
    packed = width in _PACKED_WIDTHS and bytes(body[:4]) == _line_start(width)
    texels = _unpack(body, width, height) if packed else _flat(body, width, height)
    mantissas, exponents = texels[..., :3], texels[..., 3:].astype(np.int32)
    scale = np.where(exponents > 0, np.ldexp(np.float32(1), exponents - 136), np.float32(0))
    return mantissas.astype(np.float32) * scale


def _parse_header(data: bytes) -> tuple[int, int, int]:
    """Width, height, and where the texels begin."""
    match = _HEADER.match(data[:_LONGEST_HEADER])
    if match is None:
        raise ValueError("not a Radiance picture with upright scanlines of RGBE")
    return int(match[2]), int(match[1]), match.end()


def _line_start(width: int) -> bytes:
    return bytes([2, 2, width >> 8, width & 255])


def _to_rgbe(linear: Floats) -> NDArray[np.uint8]:
    brightest = linear.max(axis=2, keepdims=True)
    exponent = np.frexp(brightest)[1]
    # What would round up to 256 takes the next exponent.
    exponent += np.rint(np.ldexp(brightest, 8 - exponent)) > 255
    texels = np.zeros((*linear.shape[:2], 4), np.uint8)
    dark = brightest < 1e-38
    texels[..., :3] = np.where(dark, 0, np.rint(np.ldexp(linear, 8 - exponent)))
    texels[..., 3:] = np.where(dark, 0, exponent + 128)
    return texels


def _flat(body: memoryview, width: int, height: int) -> NDArray[np.uint8]:
    if len(body) != 4 * width * height:
        raise ValueError("truncated, or run-length encoded in the old way")
    return np.frombuffer(body, np.uint8).reshape(height, width, 4)


def _unpack(body: memoryview, width: int, height: int) -> NDArray[np.uint8]:
    planes = np.empty((height, 4 * width), np.uint8)
    packed, at = bytes(body), 0
    for line in planes:
        if packed[at : at + 4] != _line_start(width):
            raise ValueError("truncated")
        values, at = _unpack_line(packed, at + 4, len(line))
        line[:] = np.frombuffer(values, np.uint8)
    return planes.reshape(height, 4, width).transpose(0, 2, 1)


def _unpack_line(packed: bytes, at: int, size: int) -> tuple[bytearray, int]:
    """Return the `size` values of the runs and literals at `at`, and where they end.

    A hostile file has one run for each value, so a step of this loop has to be cheap.
    """
    values = bytearray()
    while len(values) < size:
        count = packed[at] if at < len(packed) else 0
        if count > _LONGEST:
            values += packed[at + 1 : at + 2] * (count - _LONGEST)
            at += 2
        elif count:
            values += packed[at + 1 : at + 1 + count]
            at += 1 + count
        else:
            raise ValueError("truncated, or runs that do not fill a scanline")
    if len(values) != size or at > len(packed):
        raise ValueError("truncated, or runs that do not fill a scanline")
    return values, at
