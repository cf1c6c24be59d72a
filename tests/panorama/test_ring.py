"""The band round the horizon closes, and no place on it is special."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures

from skyserver.panorama.levelling import to_tone
from skyserver.panorama.ring import join

PITCH, OVERLAP, LEVELS = 64, 28, 3


def tiles(count: int, seed: int = 11, unlike: float = 1.0) -> np.ndarray:
    images = pictures(count, PITCH + OVERLAP, seed, unlike).transpose(0, 3, 1, 2)
    return to_tone(np.ascontiguousarray(images[:, :, :48]))


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_band_goes_round_once(count: int) -> None:
    band = join(tiles(count), PITCH, LEVELS)
    assert band.shape == (3, 48, count * PITCH)
    assert band.dtype == np.float32


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turning_the_pictures_turns_the_band(turn: int) -> None:
    images = tiles(4)
    turned = join(np.roll(images, turn, axis=0), PITCH, LEVELS)
    expected = np.roll(join(images, PITCH, LEVELS), turn * PITCH, axis=2)
    np.testing.assert_allclose(turned, expected, atol=2e-4)


def test_overlapping_views_of_one_circle_give_it_back() -> None:
    count = 3
    whole = to_tone(pictures(1, count * PITCH, 12)[0].transpose(2, 0, 1))[:, :48]
    columns = np.arange(PITCH + OVERLAP) - OVERLAP // 2
    views = np.stack([whole[:, :, (k * PITCH + columns) % (count * PITCH)] for k in range(count)])
    np.testing.assert_allclose(join(views, PITCH, LEVELS), whole, atol=1e-2)


def test_middle_of_a_tile_is_its_own() -> None:
    same_light = tiles(4, unlike=0)
    band = join(same_light, PITCH, 2)
    middle = slice(PITCH + PITCH // 2 - 4, PITCH + PITCH // 2 + 4)
    tile = slice((PITCH + OVERLAP) // 2 - 4, (PITCH + OVERLAP) // 2 + 4)
    shown, given = band[:, :, middle], same_light[1][:, :, tile]
    assert np.corrcoef(shown.ravel(), given.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("count", [1, 4])
def test_joins_are_no_steeper_than_the_pictures(count: int) -> None:
    ratios = []
    for seed in range(8):
        band = join(tiles(count, seed, unlike=2), PITCH, LEVELS)
        steps = np.abs(band - np.roll(band, 1, axis=2)).mean(axis=(0, 1))
        ratios.append(steps[::PITCH].max() / steps.mean())
    assert np.median(ratios) < 1.6
