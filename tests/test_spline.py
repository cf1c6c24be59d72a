"""The spline against scipy's of the same degree, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates, spline_filter

from skyserver.spline import MARGIN, bspline, gather, locate, parabola, to_coefficients


def grid_of(height: int, width: int) -> np.ndarray:
    grid = np.zeros((height + 2 * MARGIN, width + 2 * MARGIN, 4), np.float32)
    grid[..., :3] = np.random.default_rng(3).random((*grid.shape[:2], 3))
    return grid


@pytest.mark.parametrize("shape", [(1, 1), (5, 700), (300, 2)])
def test_coefficients_inside_the_margin_are_scipy_s(shape: tuple[int, int]) -> None:
    grid = grid_of(*shape)
    expected = [spline_filter(grid[..., c].astype(float), order=2) for c in range(3)]
    to_coefficients(grid)
    inside = slice(MARGIN - 2, 2 - MARGIN)  # as far as taps reach
    actual = np.moveaxis(grid[inside, inside, :3], -1, 0)
    np.testing.assert_allclose(actual, np.stack(expected)[:, inside, inside], atol=4e-6)


@pytest.mark.parametrize("count", [1, 1000])
def test_values_are_scipy_s(count: int) -> None:
    grid = grid_of(20, 30)
    samples = grid[..., :3].astype(float)
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-0.5, 29.5, count), rng.uniform(-0.5, 19.5, count)
    expected = [
        map_coordinates(samples[..., c], [y + MARGIN, x + MARGIN], order=2) for c in range(3)
    ]
    to_coefficients(grid)
    values = gather(grid, locate(x, y, MARGIN, grid.shape[1]))
    assert values.shape == (count, 4)
    np.testing.assert_allclose(values[:, :3], np.stack(expected, axis=-1), atol=4e-6)


def test_the_spline_passes_through_the_samples() -> None:
    grid = grid_of(6, 7)
    samples = grid.copy()
    to_coefficients(grid)
    y, x = np.mgrid[0:6, 0:7].astype(float)
    values = gather(grid, locate(x, y, MARGIN, grid.shape[1])).reshape(6, 7, 4)
    np.testing.assert_allclose(values, samples[MARGIN:-MARGIN, MARGIN:-MARGIN], atol=2e-6)


def test_several_grids_are_read_by_one_index() -> None:
    grids = np.stack([grid_of(4, 4), grid_of(4, 4) + 1])
    taps = locate(np.array([1.2]), np.array([2.3]), MARGIN, grids.shape[2])
    second = taps._replace(nearest=taps.nearest + np.int32(grids[0].size // 4))
    np.testing.assert_array_equal(gather(grids, second), gather(grids[1], taps))


@pytest.mark.parametrize("weights", [bspline, parabola])
def test_weights(weights: type(bspline)) -> None:
    t = np.linspace(-0.5, 0.5, 11, dtype=np.float32)
    before, at, after = weights(t)
    np.testing.assert_allclose(before + at + after, 1, atol=1e-6)
    np.testing.assert_allclose(after - before, t, atol=1e-6)  # exact for straight lines


def test_a_parabola_is_read_exactly_from_samples() -> None:
    line = np.arange(30, dtype=np.float32)
    grid = np.zeros((30, 30, 4), np.float32)
    grid[..., 0] = (line / 10) ** 2
    values = gather(grid, locate(np.array([4.3]), np.array([4.0]), MARGIN, 30), parabola)
    assert values[0, 0] == pytest.approx(1.43**2, rel=1e-6)
