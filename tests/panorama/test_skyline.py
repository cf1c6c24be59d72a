"""The skyline of pictures whose ground is known."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures

from skyserver.panorama.skyline import MAX_GROUND, sky_rows


def dimmed_below(row: int, edge: int = 128) -> np.ndarray:
    image = pictures(1, edge, 6)[0] * 0.5 + 0.4
    image[row:] = 0.08 + 0.05 * image[row:]
    return image


@pytest.mark.parametrize("edge", [64, 128, 256])
@pytest.mark.parametrize("share", [0.7, 0.85, 0.93])
def test_ground_is_found_and_nothing_of_it_kept(edge: int, share: float) -> None:
    row = round(share * edge)
    assert row - 0.08 * edge <= sky_rows(dimmed_below(row, edge)) <= row


def test_sky_to_the_bottom_is_kept() -> None:
    for image in pictures(8, 128, 7):
        assert sky_rows(image) == 128


def test_bright_haze_at_the_horizon_is_sky() -> None:
    ramp = np.linspace(0.2, 0.9, 128, dtype=np.float32)[:, None, None]
    assert sky_rows(np.broadcast_to(ramp, (128, 128, 3)).copy()) == 128


def test_never_more_than_the_allowed_share_is_taken() -> None:
    assert sky_rows(dimmed_below(30)) >= 128 * (1 - MAX_GROUND) - 128 * 0.04


def test_sky_below_a_cloud_is_no_ground() -> None:
    image = np.full((128, 128, 3), 0.4, np.float32)
    image[60:90] = 0.9
    assert sky_rows(image) == 128
