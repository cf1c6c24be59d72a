"""The cap overhead, against a function of direction that is known everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from skyserver.panorama.zenith import CUT, HANDOVER, cover

WIDTH, LEVELS = 512, 4
HEIGHT = WIDTH // 4
BAND = 3 * HEIGHT // 4


def colours(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Three smooth functions on the sphere; y is up."""
    return np.stack([x + 0.3 * z * y, np.sin(3 * z) + y, x * z - y * y]).astype(np.float32)


def sky_of_function() -> np.ndarray:
    """Columns run clockwise as seen from below the zenith, the middle one at x = 1."""
    elevation = np.pi / 2 * (1 - (np.arange(HEIGHT)[:, None] + 0.5) / HEIGHT)
    azimuth = 2 * np.pi * ((np.arange(WIDTH) + 0.5) / WIDTH - 0.5)
    across = np.cos(elevation)
    return colours(
        across * np.cos(azimuth), np.sin(elevation) + 0 * azimuth, across * np.sin(azimuth)
    )


def cap_of_function() -> np.ndarray:
    """Looking straight up with the panorama's middle (x = 1) at the bottom, 90 degrees across."""
    right, down = np.meshgrid(*[(np.arange(HEIGHT) + 0.5) / HEIGHT - 0.5] * 2)
    distance = np.radians(90 * np.hypot(right, down))
    angle = np.arctan2(right, down)
    across = np.sin(distance)
    return colours(across * np.cos(angle), np.cos(distance), across * np.sin(angle))


def test_band_and_cap_of_one_sky_give_it_back() -> None:
    expected = sky_of_function()
    sky = cover(expected[:, -BAND:], cap_of_function(), LEVELS)
    assert sky.shape == (3, HEIGHT, WIDTH)
    np.testing.assert_allclose(sky, expected, atol=0.02)


def test_another_light_of_the_cap_is_taken_away() -> None:
    expected = sky_of_function()
    light = np.array([0.5, -0.8, 0.3], np.float32)[:, None, None]
    tilt = np.linspace(-0.5, 0.5, HEIGHT, dtype=np.float32)[:, None]
    sky = cover(expected[:, -BAND:], cap_of_function() + light + tilt, LEVELS)
    np.testing.assert_allclose(sky, expected, atol=0.05)


def test_band_is_untouched_below_the_blend() -> None:
    band = sky_of_function()[:, -BAND:]
    noise = np.random.default_rng(13).normal(size=(3, HEIGHT, HEIGHT)).astype(np.float32)
    sky = cover(band, noise, LEVELS)
    rows = round(0.5 * HANDOVER[0] / 90 * HEIGHT)
    np.testing.assert_allclose(sky[:, -rows:], band[:, -rows:], atol=1e-4)


def test_cap_alone_shows_above_the_cut() -> None:
    noise = np.random.default_rng(14).normal(size=(3, HEIGHT, HEIGHT)).astype(np.float32)
    one, other = (
        cover(
            np.random.default_rng(seed).normal(size=(3, BAND, WIDTH)).astype(np.float32),
            noise,
            LEVELS,
        )
        for seed in (15, 16)
    )
    rows = round((90 - CUT[1] - 18) / 90 * HEIGHT)
    detail = [
        sky[:, :rows] - sky[:, :rows].mean(axis=(1, 2), keepdims=True) for sky in (one, other)
    ]
    assert np.corrcoef(detail[0].ravel(), detail[1].ravel())[0, 1] > 0.95


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_quarter_turn_of_both_is_a_quarter_turn_of_the_sky(turn: int) -> None:
    rng = np.random.default_rng(17)
    band = rng.normal(size=(3, BAND, WIDTH)).astype(np.float32)
    cap = rng.normal(size=(3, HEIGHT, HEIGHT)).astype(np.float32)
    sky = cover(band, cap, LEVELS)
    turned = cover(
        np.roll(band, turn * WIDTH // 4, axis=2), np.rot90(cap, turn, axes=(1, 2)).copy(), LEVELS
    )
    difference = np.abs(turned - np.roll(sky, turn * WIDTH // 4, axis=2))
    # The cut may start elsewhere on its circle and take another, equally cheap, path somewhere.
    assert np.median(difference) < 1e-4
