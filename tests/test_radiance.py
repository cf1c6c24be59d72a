"""Radiance pictures against the format's definition, read byte by byte."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from skyserver import radiance

HEADER = b"#?RADIANCE\nSOFTWARE=a test\nFORMAT=32-bit_rle_rgbe\nEXPOSURE=1.0\n\n-Y %d +X %d\n"


def unpack(data: bytes) -> NDArray[np.float64]:
    """The format's definition, one byte after the other."""
    head, _, body = data.partition(b"\n\n")
    assert head.splitlines()[0] == b"#?RADIANCE"
    assert b"FORMAT=32-bit_rle_rgbe" in head.splitlines()
    size, _, body = body.partition(b"\n")
    _, height, _, width = size.split()
    image = np.zeros((int(height), int(width), 3))
    stream = iter(body)
    for row in range(int(height)):
        if 8 <= int(width) <= 32767:
            assert [next(stream) for _ in range(4)] == [2, 2, int(width) >> 8, int(width) & 255]
            planes = []
            for _ in range(4):
                plane: list[int] = []
                while len(plane) < int(width):
                    count = next(stream)
                    assert count != 0
                    if count > 128:
                        plane += [next(stream)] * (count - 128)
                    else:
                        plane += [next(stream) for _ in range(count)]
                assert len(plane) == int(width)
                planes.append(plane)
            texels = list(zip(*planes, strict=True))
        else:
            texels = [tuple(next(stream) for _ in range(4)) for _ in range(int(width))]
        for column, (*mantissas, exponent) in enumerate(texels):
            if exponent:
                image[row, column] = [math.ldexp(m, exponent - 136) for m in mantissas]
    assert next(stream, None) is None
    return image


lights = st.one_of(
    st.just(0.0), st.floats(2.0**-100, 2.0**100, width=32), st.floats(0, 1, width=32)
)


@given(
    height=st.integers(1, 3),
    width=st.sampled_from([1, 7, 8, 127, 128, 129, 300]),
    values=st.lists(lights, min_size=12, max_size=12),
)
def test_texels_are_exact_to_one_part_in_256(height: int, width: int, values: list[float]) -> None:
    image = np.resize(np.float32(values), (height, width, 3))
    data = radiance.write(image)
    assert radiance.size(data) == (width, height)
    read = unpack(data)
    allowed = image.max(axis=2, keepdims=True).astype(float) / 256 + 1e-37
    assert (np.abs(read - image) <= allowed).all()
    np.testing.assert_allclose(radiance.read(data), read, rtol=1e-6)


def test_runs_are_read() -> None:
    line = bytes([2, 2, 0, 10])
    line += bytes([128 + 10, 128])  # red: ten times 128
    line += bytes([3, 1, 2, 3, 128 + 7, 4])  # green: 1 2 3, then seven times 4
    line += bytes([128 + 5, 9, 5, 1, 2, 3, 4, 5])
    line += bytes([128 + 10, 129])
    data = HEADER % (2, 10) + line * 2
    np.testing.assert_array_equal(radiance.read(data), unpack(data))
    assert radiance.read(data)[1, 0].tolist() == [1, 1 / 128, 9 / 128]


def test_flat_scanlines_are_read() -> None:
    data = HEADER % (1, 9) + bytes([128, 64, 0, 129]) * 9
    np.testing.assert_array_equal(radiance.read(data)[0], [[1, 0.5, 0]] * 9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes([2, 2, 0, 10]),
        bytes([2, 2, 0, 10, 128 + 11, 1]) + bytes(100),  # a run beyond the scanline's end
        bytes([2, 2, 0, 10]) + bytes([128 + 127, 1]),
        bytes([2, 2, 0, 10, 0, 0]) + bytes(100),  # a count of nothing
        bytes([1, 1, 1, 9]),  # the old way to pack
    ],
)
def test_broken_scanlines_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"truncated|runs"):
        radiance.read(HEADER % (1, 10) + body)


def test_other_headers_are_refused() -> None:
    for header in (b"", b"#?RADIANCE\n\n-Y 1 +X 8\n", HEADER.replace(b"-Y", b"+Y") % (1, 8)):
        with pytest.raises(ValueError, match="not a Radiance picture"):
            radiance.size(header)
