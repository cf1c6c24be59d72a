"""The pyramid against scipy's filter and against images that are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures
from scipy.ndimage import correlate1d

from skyserver.panorama.pyramid import expand, feather, join_ring, masked, overlap_add, reduce

LEVELS = 3


def planes(seed: int, edge: int = 64) -> np.ndarray:
    return np.ascontiguousarray(pictures(1, edge, seed)[0].transpose(2, 0, 1))


@pytest.mark.parametrize("periodic", [False, True])
def test_reduce_is_the_binomial_filter_between_every_other_pair(periodic: bool) -> None:
    image, kernel = planes(1), np.array([1, 3, 3, 1]) / 8
    tall = correlate1d(image, kernel, axis=1, mode="nearest")
    both = correlate1d(tall, kernel, axis=2, mode="wrap" if periodic else "nearest")
    np.testing.assert_allclose(reduce(image, periodic), both[:, 1::2, 1::2], atol=1e-6)


def test_expand_keeps_straight_ramps_straight() -> None:
    y, x = np.mgrid[0:8, 0:10].astype(np.float32)
    big = expand((2 * x + 3 * y)[None], times=2)[0]
    y, x = (np.mgrid[0:32, 0:40] + 0.5) / 4 - 0.5
    inside = (slice(6, -6), slice(6, -6))
    np.testing.assert_allclose(big[inside], (2 * x + 3 * y)[inside], atol=1e-4)


def test_periodic_levels_turn_with_the_image() -> None:
    image = planes(2)
    there = expand(reduce(image, periodic=True), periodic=True)
    turned = expand(reduce(np.roll(image, 6, axis=2), periodic=True), periodic=True)
    np.testing.assert_allclose(turned, np.roll(there, 6, axis=2), atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_constant_mask_is_a_plain_product(value: float) -> None:
    image = planes(3)
    mask = np.full((64, 64), value, np.float32)
    np.testing.assert_allclose(masked(image, mask, LEVELS), value * image, atol=1e-5)


def test_mask_joins_detail_over_less_way_than_light() -> None:
    stripes = np.tile(np.array([1, -1], np.float32), 64)
    mask = (np.arange(128) < 64).astype(np.float32)
    reach = []
    for signal in (stripes, np.ones(128, np.float32)):
        image = np.broadcast_to(signal, (1, 128, 128)).astype(np.float32)
        share = masked(image, np.broadcast_to(mask, (128, 128)), LEVELS)[0, 64] * signal
        reach.append(int(((share > 0.02) & (share < 0.98)).sum()))
    assert reach[0] < 2
    assert reach[1] > 8


def test_feather_keeps_the_sum_and_softens() -> None:
    mask = np.zeros((32, 64), np.float32)
    mask[:, :32] = 1
    soft = feather(mask, 2)
    np.testing.assert_allclose(soft.sum(), mask.sum(), rtol=1e-5)
    assert 4 <= ((soft[0] > 0.02) & (soft[0] < 0.98)).sum() <= 12
    np.testing.assert_array_equal(soft[:, :20], 1)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_overlap_add_is_adding_columns_modulo_the_circle(count: int) -> None:
    pitch, width = 8, 13
    tiles = np.random.default_rng(count).random((count, 2, 3, width), np.float32)
    ring = np.zeros((2, 3, count * pitch), np.float32)
    for k in range(count):
        for x in range(width):
            ring[..., (k * pitch + x) % (count * pitch)] += tiles[k, ..., x]
    np.testing.assert_allclose(overlap_add(tiles, pitch), ring, rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_tiles_of_one_periodic_image_join_into_it(count: int) -> None:
    pitch, width, height = 64, 96, 32
    whole = np.ascontiguousarray(pictures(1, count * pitch, 4)[0].transpose(2, 0, 1))[:, :height]
    columns = np.arange(width)
    tiles = np.stack([whole[:, :, (k * pitch + columns) % (count * pitch)] for k in range(count)])
    masks = np.zeros((count, 1, height, width), np.float32)
    masks[..., 16:80] = 1
    np.testing.assert_allclose(join_ring(tiles, masks, pitch, 2), whole, atol=1e-5)
