"""Levelling: the tone scale, the pull to a common tone, the joins."""

from __future__ import annotations

import numpy as np
from fractal import pictures
from hypothesis import given
from hypothesis import strategies as st

from skyserver.panorama.levelling import (
    CONTRAST_PULL,
    TONE_PULL,
    from_tone,
    level_joins,
    match,
    to_tone,
)


def tiles(count: int = 4, unlike: float = 1.0) -> np.ndarray:
    return to_tone(pictures(count, 48, 5, unlike).transpose(0, 3, 1, 2))


@given(st.floats(0, 1, width=32))
def test_tones_come_back(value: float) -> None:
    image = np.full((3, 1, 1), value, np.float32)
    np.testing.assert_allclose(from_tone(to_tone(image)), image, atol=1e-6)


@given(st.floats(-50, 50, width=32))
def test_light_added_stays_a_colour(light: float) -> None:
    lit = from_tone(to_tone(np.linspace(0, 1, 9, dtype=np.float32)) + np.float32(light))
    assert lit.min() >= 0
    assert lit.max() <= 1
    assert (np.diff(lit) >= 0).all()


def test_match_takes_part_of_the_differences_away() -> None:
    before = tiles()
    after = match(before)
    means = [image[..., ::4, ::4].mean(axis=(2, 3)) for image in (before, after)]
    np.testing.assert_allclose(
        np.ptp(means[1], axis=0), (1 - TONE_PULL) * np.ptp(means[0], axis=0), rtol=1e-3
    )
    spreads = [np.log(image[..., ::4, ::4].std(axis=(2, 3))) for image in (before, after)]
    np.testing.assert_allclose(
        np.ptp(spreads[1], axis=0), (1 - CONTRAST_PULL) * np.ptp(spreads[0], axis=0), atol=0.01
    )


def test_joins_agree_in_light_after_levelling() -> None:
    overlap = 12
    levelled = level_joins(tiles(unlike=2), overlap)
    ends = levelled[..., -overlap:].mean(axis=(2, 3))
    starts = np.roll(levelled[..., :overlap].mean(axis=(2, 3)), -1, axis=0)
    np.testing.assert_allclose(ends, starts, atol=1e-4)


def test_pictures_that_agree_are_left_alone() -> None:
    same = np.broadcast_to(tiles(1)[:, :, :, :1], (3, 3, 48, 48)).astype(np.float32)
    np.testing.assert_allclose(level_joins(same, 12), same, atol=1e-5)
