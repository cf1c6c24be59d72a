"""Tiles: what is cut off, and where a straight line of the picture goes."""

from __future__ import annotations

import numpy as np
import pytest
from fractal import pictures

from skyserver.panorama.tile import STRAIGHTNESS, TOP, band_tiles, sky_of


def test_ground_and_frame_are_left_out() -> None:
    picture = np.full((128, 128, 3), 0.7, np.float32)
    picture[110:] = 0.05
    picture[:, :1] = picture[:, -1:] = picture[:1] = 0.0
    sky = sky_of(picture, 64, 96)
    assert sky.shape == (3, 64, 96)
    np.testing.assert_allclose(sky, 0.7, atol=0.01)


def test_share_keeps_the_upper_part() -> None:
    ramp = np.linspace(0, 1, 128, dtype=np.float32)[:, None, None]
    sky = sky_of(np.broadcast_to(ramp, (128, 128, 3)), 64, 64, share=0.5)
    assert 0.45 < sky.max() < 0.52


@pytest.mark.parametrize("count", [2, 4, 8])
def test_horizontal_lines_sink_to_both_sides_as_great_circles_do(count: int) -> None:
    pitch, height = 1024 // count, 192
    width = round(1.4 * pitch)
    line = np.zeros((256, 256, 3), np.float32)
    line[100:104] = 1
    tile = band_tiles(np.stack([line] * count), height, width, pitch)[0, 0]
    elevation = (height - tile.argmax(axis=0) - 0.5) * 90 / 256
    azimuth = (np.arange(width) + 0.5 - width / 2) / pitch * min(90, 360 / count)
    shown = np.cos(np.radians(azimuth)) ** STRAIGHTNESS
    middle = np.tan(np.radians(elevation[width // 2]))
    expected = np.degrees(np.arctan(middle * shown))
    np.testing.assert_allclose(elevation, expected, atol=1.5)
    assert elevation[width // 2] == pytest.approx(TOP * (256 - 102) / 256, abs=2)


def test_the_horizon_stays_level() -> None:
    ramp = np.linspace(0, 1, 128, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(ramp, (1, 128, 128, 3))
    bottom = band_tiles(np.repeat(picture, 4, axis=0), 96, 180, 128)[:, :, -1]
    assert np.ptp(bottom) < 0.01
    assert bottom.min() > 0.97


def test_tiles_keep_their_order() -> None:
    tiles = band_tiles(pictures(3, 64, 10), 48, 120, 96)
    one = band_tiles(pictures(3, 64, 10)[[2, 0, 1]], 48, 120, 96)
    np.testing.assert_array_equal(tiles[[2, 0, 1]], one)
