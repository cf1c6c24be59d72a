"""Harmonic extension against its closed form: the m-th harmonic fades as r^m."""

from __future__ import annotations

import numpy as np
import pytest

from skyserver.panorama.harmonic import extend, stereographic

WIDTH = 64
ANGLES = (np.arange(WIDTH) + 0.5) * 2 * np.pi / WIDTH


@pytest.mark.parametrize("order", [0, 1, 3, 7])
@pytest.mark.parametrize("distance", [0.0, 20.0, 60.0, 90.0])
def test_harmonics_fade_with_the_stereographic_radius(order: int, distance: float) -> None:
    rim = np.stack([np.cos(order * ANGLES), np.sin(order * ANGLES)]).astype(np.float32)
    angle = np.linspace(0, 6, 11)
    points = stereographic(np.full(11, np.radians(distance)), angle, np.pi / 2)
    fading = np.tan(np.radians(distance) / 2) ** order
    expected = fading * np.stack([np.cos(order * angle), np.sin(order * angle)])
    np.testing.assert_allclose(extend(rim, points, 8), expected, atol=1e-5)


def test_pole_is_the_mean_of_the_rim() -> None:
    rim = np.random.default_rng(1).random((3, WIDTH), np.float32)
    pole = extend(rim, np.zeros(1, np.complex64), 8)[:, 0]
    np.testing.assert_allclose(pole, rim.mean(axis=1), rtol=1e-5)


def test_nothing_grows_beyond_the_rim() -> None:
    rim = np.cos(5 * ANGLES)[None].astype(np.float32)
    points = stereographic(np.radians(np.array([90.0, 120.0])), np.zeros(2), np.pi / 2)
    on_rim, outside = extend(rim, points, 8)[0]
    assert on_rim == pytest.approx(outside, abs=1e-5)
