"""What lies below the horizon of a skybox: haze, the sky mirrored, or a colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.panorama.harmonic import Complexes, extend, stereographic
from skyserver.panorama.pyramid import expand

Floats = NDArray[np.float32]

VEIL: Final = 9.0  # degrees above the horizon at which the sky begins to fade into the haze
HAZE_ORDERS: Final = 24  # harmonics round the horizon that the haze has
HAZE_DEPTH: Final = 5.0  # degrees: how far down the haze at the horizon already is
NADIR_SHADE: Final = 0.7  # brightness at the nadir; light comes from above
COLOUR_EDGE: Final = 4.0  # degrees below the horizon over which the sky gives way to a colour
SOFT_EDGE: Final = 12.0  # degrees below the horizon over which a reflection gets soft
SOFTNESS: Final = 0.7  # degrees, standard deviation of the blur of a reflection
_COARSE: Final = 4  # haze is smooth: it is worked out at a quarter of the resolution


def add_ground(sky: Floats, below: str) -> Floats:
    """The whole equirectangular image (3, 2 h, w) from its sky half (3, h, w), h = w / 4.

    `below` is `haze` (the horizon's colours, blurred more and more with depth, down to one at the
    nadir), `mirror` (the sky reflected in slightly rough water) or a colour #rrggbb. h is a
    multiple of 4.
    """
    if below == "haze":
        return _haze(sky)
    if below == "mirror":
        return np.concatenate([sky, _reflection(sky)], axis=1)
    return _plain(sky, below)


def _haze(sky: Floats) -> Floats:
    height, width = sky.shape[1:]
    degrees = height / 90
    rows = slice(height - round(1.3 * VEIL * degrees), height - round(0.3 * VEIL * degrees))
    horizon = sky[:, rows].mean(axis=1)
    veil_rows = _multiple(VEIL * degrees)
    haze = extend(horizon, _haze_points(height, width, veil_rows), HAZE_ORDERS)
    haze = expand(haze, periodic=True, times=_COARSE.bit_length() - 1)
    whole = np.concatenate([sky, haze[:, veil_rows:]], axis=1)
    clear = _smoothstep((np.arange(veil_rows)[::-1] + 0.5) / veil_rows)[:, None]
    whole[:, height - veil_rows : height] *= clear
    whole[:, height - veil_rows : height] += (1 - clear) * haze[:, :veil_rows]
    depth = (np.arange(height) + 0.5) / height
    whole[:, height:] *= (1 - (1 - NADIR_SHADE) * _smoothstep(depth))[:, None]
    return whole


@lru_cache(maxsize=2)
def _haze_points(height: int, width: int, veil_rows: int) -> Complexes:
    """From the top of the veil to the nadir; the veil takes the colours of the horizon."""
    rows = (np.arange((height + veil_rows) // _COARSE) + 0.5) * _COARSE - veil_rows
    depth = np.maximum(rows / height * 90, 0)
    distance = (90 - depth) * (90 - HAZE_DEPTH) / 90
    angle = (np.arange(width // _COARSE) + 0.5) * _COARSE * 2 * np.pi / width
    return stereographic(np.radians(distance)[:, None], angle[None, :], np.pi / 2)


def _reflection(sky: Floats) -> Floats:
    """Rows from the horizon down to the nadir: as sharp as the sky at first, softer below."""
    share = _gone(sky.shape[1], SOFT_EDGE)
    return (1 - share) * sky[:, ::-1] + share * _soften(sky)[:, ::-1]


def _soften(sky: Floats) -> Floats:
    """A Gaussian blur as wide at the pole as at the horizon, where a degree has fewer columns."""
    height, width = sky.shape[1:]
    rows = np.arange(height) + 0.5
    sigma = np.radians(SOFTNESS) / np.sin(rows / height * np.pi / 2)
    fading = np.exp(-0.5 * (np.arange(width // 2 + 1) * sigma[:, None]) ** 2)
    across = np.fft.irfft(np.fft.rfft(sky) * fading, width).astype(np.float32)
    weights = np.exp(-0.5 * ((rows[:, None] - rows) / (SOFTNESS * height / 90)) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    soft: Floats = weights.astype(np.float32) @ across
    return soft


def _plain(sky: Floats, colour: str) -> Floats:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    share = _gone(sky.shape[1], COLOUR_EDGE)
    return np.concatenate(
        [sky, (1 - share) * sky[:, ::-1] + share * channels[:, None, None]], axis=1
    )


def _gone(rows: int, degrees: float) -> Floats:
    """Per row below the horizon (rows, 1): from 0 at the horizon to 1 at `degrees` below."""
    depth = (np.arange(rows) + 0.5) / rows * 90
    return _smoothstep(np.minimum(depth / degrees, 1))[:, None]


def _multiple(rows: float) -> int:
    return max(1, round(rows / _COARSE)) * _COARSE


def _smoothstep(t: NDArray[np.float64]) -> Floats:
    return (t * t * (3 - 2 * t)).astype(np.float32)
