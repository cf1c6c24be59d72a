"""The sky overhead: a picture laid over the pole and joined with the band round the horizon.

An equirectangular image stretches its top rows into a star. So everything near the pole happens
in the azimuthal equidistant projection, where the pole is a point like any other: looking
straight up, x to the right and y down, the bottom edge towards the middle of the panorama.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.panorama.harmonic import Complexes, extend, stereographic
from skyserver.panorama.lookup import Lookup
from skyserver.panorama.pyramid import expand, feather, masked
from skyserver.panorama.seam import closed_cut

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# Elevations in degrees.
CUT: Final = (46.0, 63.0)  # between these the cap gives way to the band
RIM: Final = 54.0  # here their light is made to agree
HANDOVER: Final = (39.0, 45.0)  # below, the band's own texels; above, those of the projection
FOOT: Final = 22.0  # the projection ends here, out of reach of the blend
RIM_ORDERS: Final = 8  # harmonics round the rim that count as light
_COARSE: Final = 4  # the light is worked out at a quarter of the resolution


def cover(band: Floats, cap: Floats, levels: int) -> Floats:
    """The sky half (3, W / 4, W) from a band and the picture overhead, all on the tone scale.

    band: (3, rows, W), its bottom row at the horizon, W / 360 rows to a degree of elevation,
    reaching above `CUT`. cap: (3, W / 4, W / 4), 90 degrees across, its middle at the zenith.
    W / 4 is a multiple of 2^levels, levels at least 2.
    """
    height, width = band.shape[1:]
    maps = _maps(width, height, levels)
    beneath = maps.from_band(band)
    cap = _padded(cap, beneath.shape[1])
    band_light, cap_light = _light(beneath, cap, maps)
    beneath = np.where(maps.above_band, band_light, beneath)
    cap = cap + (band_light - cap_light)
    upper = masked(cap - beneath, feather(_mask(beneath, cap, maps), levels - 1), levels)
    upper += maps.takes_over * beneath
    upper = maps.to_sky(upper)
    sky = np.zeros((3, width // 4, width), np.float32)
    sky[:, -height:] = band * maps.band_stays[-height:, None]
    sky[:, : upper.shape[1]] += upper
    return sky


@dataclass(frozen=True)
class _Maps:
    """Everything that depends on sizes alone. The projection is (s, s), the sky (W / 4, W)."""

    from_band: Lookup  # the band, at the texels of the projection
    to_sky: Lookup  # the projection, at the sky's rows down to `FOOT`
    to_rim: Lookup  # the projection, round the rim: (5 elevations, angles)
    to_polar: Lookup  # the projection, between the elevations of `CUT`: (angles, elevations)
    along_cut: Lookup  # a row of values at those angles, at the texels of the projection
    cut_place: Floats  # (s, s): where a texel stands on the elevations of `to_polar`
    takes_over: Floats  # (s, s): share of the band's texels that are read from the projection
    band_stays: Floats  # (W / 4,): the rest, for each row of the sky
    above_band: NDArray[np.bool_]  # (s, s): no band here
    points: Complexes  # (s / 4, s / 4): for the light


@lru_cache(maxsize=2)
def _maps(width: int, band_height: int, levels: int) -> _Maps:
    scale = width / 360  # texels to a degree
    grain = 1 << levels
    size = round(2 * (90 - FOOT) * scale / grain) * grain
    distance, angle = _polar(size, scale)
    elevation = 90 - distance
    rows = np.arange(width // 4, dtype=np.float64) + 0.5
    upper = rows[: int((90 - FOOT) * scale - 1), None]
    rim_angles = _centres(width // 4)
    rim = np.array([-4.0, -2.0, 0.0, 2.0, 4.0]) + RIM
    steps = CUT[0] + np.arange(round((CUT[1] - CUT[0]) * scale)) / scale

    def places(elevation: Doubles, angle: Doubles) -> tuple[Doubles, Doubles]:
        """Rows and columns of the projection."""
        reach = (90 - elevation) * scale
        return size / 2 - reach * np.cos(angle), size / 2 - reach * np.sin(angle)

    def lookup(elevation: Doubles, angle: Doubles) -> Lookup:
        return Lookup(*places(elevation, angle), (size, size), wraps=False)

    coarse_distance, coarse_angle = _polar(size // _COARSE, scale / _COARSE)
    return _Maps(
        from_band=Lookup(
            band_height - elevation * scale,
            angle / (2 * np.pi) * width,
            (band_height, width),
            wraps=True,
        ),
        to_sky=lookup(90 - upper / scale, _centres(width)),
        to_rim=lookup(rim[:, None], rim_angles),
        to_polar=lookup(steps, rim_angles[:, None]),
        along_cut=Lookup(
            np.full_like(angle, 0.5),
            angle / (2 * np.pi) * len(rim_angles),
            (1, len(rim_angles)),
            wraps=True,
        ),
        cut_place=((elevation - CUT[0]) * scale).astype(np.float32),
        takes_over=_ramp(elevation),
        band_stays=1 - _ramp(90 - rows / scale),
        above_band=elevation * scale > band_height - 1,
        points=stereographic(np.radians(coarse_distance), coarse_angle, np.radians(90 - RIM)),
    )


def _light(beneath: Floats, cap: Floats, maps: _Maps) -> tuple[Floats, Floats]:
    """The smooth light of both over the whole projection, from what they have round the rim."""
    both = np.concatenate([beneath, cap])
    light = extend(maps.to_rim(both).mean(axis=1), maps.points, RIM_ORDERS)
    light = expand(light, times=_COARSE.bit_length() - 1)
    return light[:3], light[3:]


def _mask(beneath: Floats, cap: Floats, maps: _Maps) -> Floats:
    """1 where the cap shows: inside the least visible closed path round the pole."""
    cost = np.abs(maps.to_polar(cap - beneath)).sum(axis=0)
    path = closed_cut(cost).astype(np.float32)
    mask: Floats = maps.cut_place - maps.along_cut(path[None, None, :])[0] + 0.5
    return mask.clip(0, 1)


def _polar(size: int, scale: float) -> tuple[Doubles, Doubles]:
    """Degrees from the pole and angle, 0 to 2 pi as in the panorama's columns, of each texel."""
    offset = np.arange(size) + 0.5 - size / 2
    x, y = offset[None, :], offset[:, None]
    return np.hypot(x, y) / scale, np.pi + np.arctan2(x, y)


def _centres(count: int) -> Doubles:
    return (np.arange(count) + 0.5) * 2 * np.pi / count


def _ramp(elevation: Doubles) -> Floats:
    """0 below `HANDOVER`, 1 above, smooth between."""
    t = np.clip((elevation - HANDOVER[0]) / (HANDOVER[1] - HANDOVER[0]), 0, 1)
    ramp: Floats = (t * t * (3 - 2 * t)).astype(np.float32)
    return ramp


def _padded(cap: Floats, size: int) -> Floats:
    before = (size - cap.shape[1]) // 2
    around = (before, size - cap.shape[1] - before)
    return np.pad(cap, ((0, 0), around, around), mode="reflect")
