"""PNG files against Pillow, an independent reader that checks every chunk."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver import png
from skyserver.model import SkyModel
from skyserver.pipeline import generate
from skyserver.request import Output, SkyRequest

sizes = st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))


def read(data: bytes) -> NDArray[np.uint8]:
    with Pillow.open(io.BytesIO(data), formats=["PNG"]) as image:
        image.verify()
    with Pillow.open(io.BytesIO(data)) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


@given(arrays(np.uint8, sizes))
def test_every_picture_comes_back(image: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(read(png.write(image)), image)


def test_a_part_of_a_larger_picture_comes_back() -> None:
    whole = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    part = whole[3:20, ::-2]
    np.testing.assert_array_equal(read(png.write(part)), part)


@pytest.mark.parametrize("height", [255, 256, 257, 700])
def test_strips_make_one_picture(height: int) -> None:
    image = np.random.default_rng(0).integers(0, 4, (height, 30, 3), np.uint8)
    np.testing.assert_array_equal(read(png.write(image)), image)


def test_it_says_that_its_colours_are_srgb() -> None:
    with Pillow.open(io.BytesIO(png.write(np.zeros((2, 2, 3), np.uint8)))) as image:
        assert "srgb" in image.info


def test_a_sky_takes_hardly_more_than_with_the_best_filter_for_every_line() -> None:
    request = SkyRequest("Cu", outputs=(Output(size=1024, format="png"),))
    data = generate(SkyModel.load(), request).artifacts[0].data
    file = io.BytesIO()
    with Pillow.open(io.BytesIO(data)) as image:
        image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    assert len(data) < 1.05 * len(file.getvalue())
