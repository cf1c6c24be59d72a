"""Whole panoramas of synthetic skies with different exposures."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skyserver.panorama import compose


def panorama(seed: int, count: int = 4, edge: int = 64, **choices: str) -> np.ndarray:
    images = pictures(count + 1, edge, seed)
    return compose(images[:count], images[count], **choices)


def luminance(image: np.ndarray) -> np.ndarray:
    return image[: len(image) // 2] @ np.array([0.2126, 0.7152, 0.0722], np.float32)


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("edge", [64, 100, 128])
def test_any_number_of_pictures_of_any_size(count: int, edge: int) -> None:
    image = panorama(1, count, edge)
    assert image.shape[1] == 2 * image.shape[0]
    assert image.shape[2] == 3
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1
    assert 0.75 < image.shape[1] / (4 * edge) < 1.35


@settings(max_examples=8)
@given(st.integers(1, 8), st.integers(1, 150), st.integers(1, 150))
@example(4, 1, 1)
@example(1, 2, 150)
def test_pictures_need_not_be_square(count: int, height: int, width: int) -> None:
    images = np.full((count + 1, height, width, 3), 0.5, np.float32)
    for method in ("blend", "mirror"):
        image = compose(images[:-1], images[-1], method, "mirror")
        assert image.shape[1] == 2 * image.shape[0]
        np.testing.assert_allclose(image, 0.5, atol=1e-3)


@pytest.mark.parametrize("method", ["blend", "mirror"])
@pytest.mark.parametrize("below", ["haze", "mirror", "#102030"])
def test_every_choice(method: str, below: str) -> None:
    image = panorama(2, method=method, below=below)
    assert image.shape == (128, 256, 3)
    if below == "#102030":
        np.testing.assert_allclose(
            image[-20:] * 255, np.broadcast_to([16, 32, 48], (20, 256, 3)), atol=0.01
        )


def test_turning_the_ring_turns_the_horizon() -> None:
    images = pictures(5, 64, 3)
    image = compose(images[:4], images[4])
    turned = compose(np.roll(images[:4], 1, axis=0), images[4])
    low = slice(96, 128)  # below 45 degrees the zenith picture has no say
    np.testing.assert_allclose(turned[low], np.roll(image, 64, axis=1)[low], atol=1e-3)


def test_wrap_is_no_steeper_than_the_inside() -> None:
    ratios = []
    for seed in range(10):
        sky = luminance(panorama(seed))
        steps = np.abs(sky - np.roll(sky, 1, axis=1)).mean(axis=0)
        ratios.append(steps[0] / steps.mean())
    assert np.median(ratios) < 1.6


def test_blend_is_not_mirrored_and_mirror_is() -> None:
    def correlation(method: str) -> float:
        skies = [luminance(panorama(seed, method=method)) for seed in range(6)]
        return float(
            np.median([np.corrcoef(sky.ravel(), sky[:, ::-1].ravel())[0, 1] for sky in skies])
        )

    assert correlation("blend") < 0.5
    assert correlation("mirror") == pytest.approx(1, abs=1e-3)


def test_zenith_has_no_star() -> None:
    """In the top row all directions meet: it must be near to one colour, unlike a stretched one."""

    def spread(method: str) -> float:
        images = [panorama(seed, method=method, edge=128) for seed in range(6)]
        return float(np.median([np.ptp(luminance(image)[0]) for image in images]))

    assert spread("blend") < 0.25 * spread("mirror")


def test_exposures_are_brought_together() -> None:
    images = np.stack(
        [np.full((64, 64, 3), level, np.float32) for level in (0.3, 0.6, 0.4, 0.7, 0.5)]
    )
    sky = luminance(compose(images[:4], images[4]))[:48]
    steps = np.abs(np.diff(sky, axis=1))
    assert np.ptp(sky) < 0.2
    assert steps.max() < 0.01


def test_same_pictures_give_the_same_panorama() -> None:
    np.testing.assert_array_equal(panorama(4), panorama(4))
