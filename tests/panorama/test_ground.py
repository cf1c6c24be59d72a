"""Below the horizon: closed forms for what each choice promises."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures

from skyserver.panorama.ground import COLOUR_EDGE, NADIR_SHADE, VEIL, add_ground

HEIGHT, WIDTH = 64, 256


def sky() -> np.ndarray:
    return np.ascontiguousarray(pictures(1, WIDTH, 18)[0, :HEIGHT].transpose(2, 0, 1))


@pytest.mark.parametrize("below", ["haze", "mirror", "#336699"])
def test_half_of_the_image_is_the_sky(below: str) -> None:
    whole = add_ground(sky(), below)
    assert whole.shape == (3, 2 * HEIGHT, WIDTH)
    assert whole.dtype == np.float32
    above = HEIGHT - round(1.3 * VEIL / 90 * HEIGHT)
    np.testing.assert_allclose(whole[:, :above], sky()[:, :above], atol=1e-6)


@pytest.mark.parametrize("below", ["haze", "mirror", "#336699"])
def test_turning_the_sky_turns_the_ground(below: str) -> None:
    turned = add_ground(np.roll(sky(), 100, axis=2), below)
    np.testing.assert_allclose(turned, np.roll(add_ground(sky(), below), 100, axis=2), atol=1e-5)


def test_haze_becomes_one_colour_at_the_nadir() -> None:
    whole = add_ground(sky(), "haze")
    assert np.ptp(whole[:, -1], axis=1).max() < 0.01
    horizon = whole[:, HEIGHT].mean(axis=1)
    np.testing.assert_allclose(whole[:, -1].mean(axis=1), NADIR_SHADE * horizon, rtol=0.05)


def test_haze_loses_variation_with_depth() -> None:
    whole = add_ground(sky(), "haze")
    spread = whole[:, HEIGHT:].std(axis=2)
    assert (np.diff(spread, axis=1) < 1e-4).all()


def test_haze_has_no_line_at_the_horizon() -> None:
    whole = add_ground(sky(), "haze")
    steps = np.abs(np.diff(whole, axis=1)).mean(axis=(0, 2))
    assert steps[HEIGHT - 3 : HEIGHT + 3].max() < steps[: HEIGHT // 2].mean()


def test_mirror_is_the_sky_upside_down() -> None:
    whole = add_ground(sky(), "mirror")
    np.testing.assert_allclose(whole[:, HEIGHT], whole[:, HEIGHT - 1], atol=0.01)
    reflected = whole[:, : HEIGHT - 1 : -1]
    assert np.corrcoef(reflected.ravel(), sky().ravel())[0, 1] > 0.98
    assert np.abs(np.diff(reflected[:, 10:40])).mean() < np.abs(np.diff(sky()[:, 10:40])).mean()


def test_colour_is_exact_below_a_soft_edge() -> None:
    whole = add_ground(sky(), "#ff8000")
    edge = HEIGHT + int(COLOUR_EDGE / 90 * HEIGHT) + 1
    expected = np.array([1, 128 / 255, 0], np.float32)[:, None, None]
    np.testing.assert_allclose(
        whole[:, edge:], np.broadcast_to(expected, whole[:, edge:].shape), atol=1e-6
    )
