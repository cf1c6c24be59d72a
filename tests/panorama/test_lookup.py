"""Bilinear reading against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from skyserver.panorama.lookup import Lookup


@pytest.mark.parametrize("wraps", [False, True])
def test_reads_as_scipy_does(wraps: bool) -> None:
    rng = np.random.default_rng(8)
    planes = rng.random((3, 9, 14), np.float32)
    rows, columns = rng.uniform(0.5, 8.5, (5, 40)), rng.uniform(-20, 40, (5, 40))
    mode = "grid-wrap" if wraps else "nearest"
    expected = [
        map_coordinates(plane, [rows - 0.5, columns - 0.5], order=1, mode=mode) for plane in planes
    ]
    np.testing.assert_allclose(Lookup(rows, columns, (9, 14), wraps)(planes), expected, atol=1e-5)


def test_texel_centres_are_read_as_they_are() -> None:
    planes = np.random.default_rng(9).random((2, 6, 7), np.float32)
    rows, columns = np.mgrid[0:6, 0:7] + 0.5
    np.testing.assert_array_equal(Lookup(rows, columns, (6, 7), wraps=True)(planes), planes)
