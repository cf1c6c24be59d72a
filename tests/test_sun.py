from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from skyserver.sphere import equirect_to_view
from skyserver.srgb import from_linear
from skyserver.sun import Sun, find_sun

Floats = NDArray[np.float32]
PANORAMAS = Path(__file__).parents[2] / "shared" / "data" / "panoramas" / "equirect"


@functools.cache
def directions(width: int) -> Floats:
    """Of a panorama's texels in Unity's axes, as sphere.py's docstring says."""
    height = width // 2
    azimuth = (0.5 - (np.arange(width) + 0.5) / width) * 2 * np.pi
    from_zenith = ((np.arange(height) + 0.5) / height * np.pi)[:, None]
    out = np.sin(from_zenith)
    up = np.broadcast_to(np.cos(from_zenith), (height, width))
    return np.stack([out * np.cos(azimuth), up, out * np.sin(azimuth)], axis=-1, dtype=np.float32)


def towards(azimuth: float, elevation: float) -> Floats:
    a, e = np.radians([azimuth, elevation])
    return np.array([np.cos(e) * np.cos(a), np.sin(e), np.cos(e) * np.sin(a)])


def clear_sky(width: int, sun: Floats, radius: float, colour: Floats) -> Floats:
    """Blue, paler towards the horizon, with a disc of `radius` degrees and a faint glow; sRGB."""
    where, colour = directions(width), np.asarray(colour, np.float32)
    paler = (1 - np.abs(where[:, :1, 1:2])) ** 3
    sky = np.array([0.08, 0.18, 0.5], np.float32) * (1 - paler) + 0.4 * paler
    angle = np.degrees(np.arccos(np.clip(where @ np.float32(sun), -1, 1)))[..., None]
    sky = sky + 0.3 * np.exp(-((angle / 8) ** 2)) * colour
    cover = np.clip((radius - angle) * width / 360 + 0.5, 0, 1)  # its edge is one texel wide
    return from_linear(np.clip(sky + 50 * cover * colour, 0, 1))


def error(found: Sun, sun: Floats) -> float:
    """Degrees."""
    return float(np.degrees(np.arccos(np.clip(np.dot(found.direction, sun), -1, 1))))


@settings(max_examples=60)
@given(
    azimuth=st.floats(-180, 180),
    elevation=st.floats(8, 90),
    radius=st.floats(2, 6),
    width=st.sampled_from([256, 512, 700, 1024]),
)
def test_a_disc_is_found_wherever_it_stands(
    azimuth: float, elevation: float, radius: float, width: int
) -> None:
    sun = towards(azimuth, elevation)
    found = find_sun(clear_sky(width, sun, radius, np.ones(3)))
    assert error(found, sun) < 2
    assert found.confidence > 0.7
    assert np.linalg.norm(found.direction) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("yaw", "direction"), [(0, (0, 0, 1)), (90, (1, 0, 0)), (180, (0, 0, -1)), (-90, (-1, 0, 0))]
)
def test_directions_are_unitys(yaw: float, direction: tuple[float, float, float]) -> None:
    """A camera that looks that way has the sun in the middle of what it sees."""
    sun = np.add(direction, (0, 0.3, 0)) / np.hypot(1, 0.3)
    sky = clear_sky(512, sun, 3, np.ones(3))
    assert error(find_sun(sky), sun) < 1
    view = equirect_to_view(sky, yaw, float(np.degrees(np.arcsin(sun[1]))), 60, 61, 61)
    assert view[30, 30].min() > 0.98
    assert view[30, [0, 60], 0].max() < 0.9


def test_a_saturated_glow_has_its_middle() -> None:
    sun = towards(40, 45)
    found = find_sun(clear_sky(512, sun, 12, np.ones(3)))
    assert error(found, sun) < 2


def test_the_colour_is_that_of_the_light() -> None:
    orange = np.array([1, 0.5, 0.15])
    sky = clear_sky(512, towards(10, 30), 3, orange / 50)  # not so bright that it is cut off
    red, green, blue = find_sun(sky).colour
    assert max(red, green, blue) == 1
    assert red > 0.9
    assert green < 0.9
    assert blue < 0.7


def test_a_larger_light_that_is_less_bright_does_not_distract() -> None:
    sun, lamp = towards(100, 40), towards(-60, 30)
    sky = clear_sky(512, sun, 2, np.ones(3))
    sky[directions(512) @ lamp > np.cos(np.radians(15))] = 0.75
    assert error(find_sun(sky), sun) < 2


def test_what_is_below_the_horizon_does_not_count() -> None:
    sun = towards(100, 40)
    sky = clear_sky(512, sun, 2, np.ones(3))
    sky[140:] = 1
    assert error(find_sun(sky), sun) < 2


SKIES = {
    "black": lambda _: 0.0,
    "white": lambda _: 1.0,
    "brighter towards the horizon": lambda up: 1 - 0.8 * up[..., 1].clip(0),
    "brighter towards the zenith": lambda up: 0.2 + 0.8 * up[..., 1].clip(0),
    "brighter on one side": lambda where: 0.5 + 0.4 * where @ towards(70, 20),
}


@pytest.mark.parametrize("sky", SKIES)
def test_a_sky_that_is_even_or_graded_has_no_sun(sky: str) -> None:
    light = np.broadcast_to(SKIES[sky](directions(256)), (128, 256))
    grey = np.repeat(light[..., None], 3, axis=-1).astype(np.float32)
    found = find_sun(from_linear(grey))
    assert found.confidence < 0.1
    assert np.linalg.norm(found.direction) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_grain_is_no_sun(seed: int) -> None:
    grain = np.random.default_rng(seed).normal(0.5, 0.1, (128, 256, 3)).astype(np.float32)
    assert find_sun(grain.clip(0, 1)).confidence < 0.1


def test_bright_clouds_all_over_are_no_sun() -> None:
    sky = clear_sky(512, towards(0, 60), 0, np.zeros(3))
    rng = np.random.default_rng(1)
    for azimuth, elevation in zip(rng.uniform(-180, 180, 60), rng.uniform(5, 85, 60), strict=True):
        sky[directions(512) @ towards(azimuth, elevation) > np.cos(np.radians(6))] = 0.95
    assert find_sun(sky).confidence < 0.3


def test_a_lone_cloud_that_is_not_white_is_no_sun() -> None:
    sky = clear_sky(512, towards(0, 60), 0, np.zeros(3)) / 2
    sky[directions(512) @ towards(30, 40) > np.cos(np.radians(8))] = 0.8
    found = find_sun(sky)
    assert error(found, towards(30, 40)) < 2
    assert found.confidence < 0.1


@pytest.mark.parametrize("width", [16, 60, 128])
def test_small_panoramas_are_looked_at_too(width: int) -> None:
    sun = towards(100, 40)
    sky = clear_sky(width, sun, 10, np.ones(3))
    assert error(find_sun(sky), sun) < 20


# Azimuth and elevation in degrees of the sun in real panoramas, read off the pictures.
REAL = {
    "kloofendal_48d_partly_cloudy_puresky": (-37, 48),
    "kloppenheim_05_puresky": (-36, 75),
    "qwantani_puresky": (-36, 28),
    "spiaggia_di_mondello": (-37, 23),
    "wasteland_clouds_puresky": (132, 9),
}


@pytest.mark.skipif(not PANORAMAS.is_dir(), reason="needs the data pack of panoramas")
@pytest.mark.parametrize("name", REAL)
def test_the_suns_of_real_skies(name: str) -> None:
    with Image.open(PANORAMAS / f"{name}.jpg") as image:
        found = find_sun(np.asarray(image.convert("RGB"), np.float32) / 255)
    assert error(found, towards(*REAL[name])) < 5
    assert found.confidence > 0.6


@pytest.mark.skipif(not PANORAMAS.is_dir(), reason="needs the data pack of panoramas")
@pytest.mark.parametrize("name", ["kloofendal_misty_morning_puresky", "mud_road_puresky"])
def test_no_sun_in_real_overcast_skies(name: str) -> None:
    with Image.open(PANORAMAS / f"{name}.jpg") as image:
        found = find_sun(np.asarray(image.convert("RGB"), np.float32) / 255)
    assert found.confidence < 0.3
