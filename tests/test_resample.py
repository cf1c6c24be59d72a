"""Resizing against Pillow on the doubled sphere, where nothing has an edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver.resample import extend, reach, resize

Array = NDArray[np.float32]


def noise(height: int, width: int) -> Array:
    rng = np.random.default_rng(5)
    return rng.uniform(0.3, 0.7, (height, width, 3)).astype(np.float32)


def by_pillow(image: Array, width: int, height: int) -> Array:
    planes = [Pillow.fromarray(np.ascontiguousarray(image[..., c])) for c in range(3)]
    lanczos = Pillow.Resampling.LANCZOS
    return np.stack([np.asarray(plane.resize((width, height), lanczos)) for plane in planes], -1)


def unrolled(equirect: Array) -> Array:
    """Nine panoramas: three turns, each followed beyond both poles by the far side upside down."""
    beyond = np.roll(equirect[::-1], equirect.shape[1] // 2, axis=1)
    return np.tile(np.concatenate([beyond, equirect, beyond]), (1, 3, 1))


@pytest.mark.parametrize("width", [16, 30, 64, 200])
def test_a_panorama_is_resized_as_if_it_had_no_edges(width: int) -> None:
    equirect, height = noise(32, 64), width // 2
    expected = by_pillow(unrolled(equirect), 3 * width, 3 * height)
    inside = expected[height : 2 * height, width : 2 * width]
    np.testing.assert_allclose(resize(equirect, width, height, wrap=True), inside, atol=1e-5)


def test_a_flat_picture_is_resized_as_pillow_does() -> None:
    picture = noise(20, 33)
    np.testing.assert_allclose(resize(picture, 50, 7), by_pillow(picture, 50, 7), atol=1e-6)


@given(margin=st.integers(1, 40), height=st.integers(1, 9))
@settings(max_examples=30)
def test_beyond_the_edges_the_sphere_goes_on(margin: int, height: int) -> None:
    equirect = noise(height, 2 * height)
    grid = extend(equirect, margin)
    assert grid.shape == (height + 2 * margin, 2 * height + 2 * margin, 4)
    for row in range(-margin, height + margin):
        down = row % (2 * height)  # round the circle through both poles
        beyond = down >= height
        source = equirect[2 * height - 1 - down] if beyond else equirect[down]
        columns = (np.arange(-margin, 2 * height + margin) + height * beyond) % (2 * height)
        np.testing.assert_array_equal(grid[row + margin, :, :3], source[columns])


@given(steps=st.integers(0, 31))
@settings(max_examples=10)
def test_rolling_and_resizing_commute(steps: int) -> None:
    equirect = noise(32, 64)
    rolled = resize(np.roll(equirect, 2 * steps, axis=1), 32, 16, wrap=True)
    expected = np.roll(resize(equirect, 32, 16, wrap=True), steps, axis=1)
    np.testing.assert_allclose(rolled, expected, atol=1e-5)


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((64, 128, 3), np.float32)
    stripes[:, ::2] = 1
    assert np.ptp(resize(stripes, 30, 15, wrap=True)) < 0.02


def test_overshoot_is_clipped() -> None:
    step = np.zeros((16, 32, 3), np.float32)
    step[:, 8:24] = 1
    large = resize(step, 128, 64, wrap=True)
    assert (large.min(), large.max()) == (0, 1)


def test_reach_covers_the_filter() -> None:
    assert reach(0.25) >= 3
    assert reach(7.5) >= 3 * 7.5
