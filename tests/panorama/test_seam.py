"""Cuts against the cheapest of all paths, found by trying each."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyserver.panorama.seam import closed_cut, cut

STEPS, WIDTH = 5, 4
PATHS = np.array([p for p in product(range(WIDTH), repeat=STEPS) if np.abs(np.diff(p)).max() <= 1])


def costs(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 50, shape).astype(np.float32)


@given(st.integers(0, 10**6))
def test_no_path_is_cheaper(seed: int) -> None:
    cost = costs(seed, 3, STEPS, WIDTH)
    paths = cut(cost)
    assert np.abs(np.diff(paths, axis=1)).max() <= 1
    for one, path in zip(cost, paths, strict=True):
        cheapest = one[np.arange(STEPS), PATHS].sum(axis=1).min()
        assert one[np.arange(STEPS), path].sum() == cheapest


@given(st.integers(0, 10**6))
def test_no_closed_path_through_the_same_start_is_cheaper(seed: int) -> None:
    cost = costs(seed, STEPS, WIDTH)
    path = closed_cut(cost)
    closed = PATHS[(np.abs(PATHS[:, 0] - PATHS[:, -1]) <= 1) & (PATHS[:, 0] == path[0])]
    assert (closed == path).all(axis=1).any()
    assert cost[np.arange(STEPS), path].sum() == cost[np.arange(STEPS), closed].sum(axis=1).min()


@pytest.mark.parametrize("turn", [0, 17, 100])
def test_closed_cut_finds_the_valley_wherever_the_circle_is_opened(turn: int) -> None:
    angles = np.arange(120)
    valley = np.round(15 + 8 * np.sin(2 * np.pi * angles / 120)).astype(int)
    cost = np.ones((120, 32), np.float32)
    cost[angles, valley] = 0
    path = closed_cut(np.roll(cost, turn, axis=0))
    np.testing.assert_array_equal(path, np.roll(valley, turn))
