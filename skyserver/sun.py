"""Where the light of a sky comes from: the brightest direction of a panorama's upper half.

As in Hold-Geoffroy et al., "Deep Outdoor Illumination Estimation", CVPR 2017, the sun is the
centroid of the connected region that is almost as bright as the brightest place, so that a
saturated disc or glow has its middle. Two things differ. The sky is blurred first, over solid angle
and not over texels: with the kernel of von Mises and Fisher, by Fourier transform along the
circles of latitude. And the confidence says how far the place stands out from the sky about it, how
alone it is, and whether it is so bright that the picture could not hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver.srgb import to_linear

Floats = NDArray[np.float32]

LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)  # of linear sRGB
WIDTH: Final = 360  # texels round the circle that are looked at: one a degree
BLUR: Final = np.radians(2.0)  # standard deviation
NEARLY: Final = 0.95  # of the largest luminance still belongs to the brightest place
RING: Final = (20.0, 30.0)  # degrees from the sun: the sky that it is compared with
CONTRAST: Final = (0.1, 0.28)  # of the sun's luminance is missing in the ring: nothing .. certain
ALONE: Final = (0.2, 0.5)  # of the brightest light is inside of the ring: nothing .. certain
GLARE: Final = (0.7, 0.9)  # its luminance, where 1 is all that a picture can hold: cloud .. sun
_TINY: Final = 1e-6  # in place of a division by zero


@dataclass(frozen=True)
class Sun:
    """A brightest direction.

    `direction` is a unit vector towards it in Unity's axes (+x right, +y up, +z forward).
    `confidence` is 0 (a sky without any brightest place) to 1 (a sun in the open). `colour` is
    linear sRGB, its largest value 1 (black in a black sky).
    """

    direction: tuple[float, float, float]
    confidence: float
    colour: tuple[float, float, float]


def find_sun(panorama: Floats) -> Sun:
    """Find the sun of a panorama (H, 2 H, 3): sRGB in [0, 1], Unity's orientation, H at least 8."""
    sky = _upper_half(panorama)
    light = _blurred(sky) @ LUMINANCE
    directions, solid_angle = _directions(*light.shape)
    place = _brightest_place(light)
    excess = np.where(place, light - NEARLY * light.max() + _TINY, 0) * solid_angle
    towards = _unit(np.einsum("ij,ijk->k", excess, directions))
    weights = excess * (sky @ LUMINANCE) ** 2  # little of the sky's blue beside a small disc
    colour = np.einsum("ij,ijk->k", weights, sky) / max(float(weights.sum()), _TINY)
    glare = _ramp(float(colour @ LUMINANCE), GLARE)
    return Sun(
        _triple(towards),
        glare * _prominence(light, solid_angle, directions @ towards),
        _triple(colour / max(float(colour.max()), _TINY)),
    )


def _upper_half(panorama: Floats) -> Floats:
    """The sky in linear light, (rows, 4 rows, 3), at most `WIDTH` wide."""
    height, width, _ = panorama.shape
    shown = _shrunk(panorama[: height // 2], min(2 * WIDTH, width))  # whose curve costs less
    return _shrunk(to_linear(shown), min(WIDTH, width) // 4 * 4)


def _shrunk(sky: Floats, width: int) -> Floats:
    """Means over texels: (width / 4, width, 3)."""
    if sky.shape[1] == width:
        return sky
    planes = [Pillow.fromarray(np.ascontiguousarray(sky[..., channel])) for channel in range(3)]
    size, means = (width, width // 4), Pillow.Resampling.BOX
    return np.stack([np.asarray(plane.resize(size, means)) for plane in planes], axis=-1)


@lru_cache(maxsize=2)
def _directions(rows: int, width: int) -> tuple[Floats, Floats]:
    """Unit vectors (rows, width, 3) of the upper half's texels and their solid angle (rows, 1)."""
    from_zenith = (np.arange(rows) + 0.5) / rows * np.pi / 2
    azimuth = (0.5 - (np.arange(width) + 0.5) / width) * 2 * np.pi
    out, up = np.sin(from_zenith)[:, None], np.cos(from_zenith)[:, None]
    directions = np.stack(
        [out * np.cos(azimuth), np.broadcast_to(up, (rows, width)), out * np.sin(azimuth)], axis=-1
    )
    return directions.astype(np.float32), out.astype(np.float32)


@lru_cache(maxsize=2)
def _kernel(rows: int, width: int) -> Floats:
    """Fourier coefficients (frequency, to row, from row) of the kernel times solid angle.

    Those of the constant part are scaled so that a uniform sky keeps its value.
    """
    directions, solid_angle = _directions(rows, width)
    along = np.einsum("ik,jlk->ijl", directions[:, 0], directions)  # cosines of angles
    kernel = np.exp((along - 1) / BLUR**2)
    kernel *= solid_angle[None]
    kernel /= kernel.sum(axis=(1, 2), keepdims=True)
    coefficients = np.fft.rfft(kernel).real.astype(np.float32)  # even, so real
    return np.ascontiguousarray(coefficients.transpose(2, 0, 1))


def _blurred(sky: Floats) -> Floats:
    rows, width, _ = sky.shape
    spectrum = np.fft.rfft(sky, axis=1).astype(np.complex64).transpose(1, 0, 2)
    parts = np.ascontiguousarray(spectrum).view(np.float32)  # real matrices take half the work
    blurred = (_kernel(rows, width) @ parts).view(np.complex64).transpose(1, 0, 2)
    return np.fft.irfft(blurred, width, axis=1).astype(np.float32)


def _brightest_place(light: Floats) -> NDArray[np.bool_]:
    """The connected region about the maximum that is nearly as bright; it wraps round."""
    bright: NDArray[np.bool_] = light >= NEARLY * light.max()
    place: NDArray[np.bool_] = light == light.max()
    while True:
        grown: NDArray[np.bool_] = place | np.roll(place, 1, axis=1) | np.roll(place, -1, axis=1)
        grown[1:] |= place[:-1]
        grown[:-1] |= place[1:]
        grown[0] |= grown[0].any()  # beyond the zenith
        grown &= bright
        if np.array_equal(grown, place):
            return place
        place = grown


def _prominence(light: Floats, solid_angle: Floats, cosines: Floats) -> float:
    """How far the sun stands out from the sky about it, times how alone it is as bright a place.

    A sky that is only graded has no contrast at such a distance, one full of bright clouds or with
    a bright horizon has its light in other places too.
    """
    inner, outer = np.cos(np.radians(RING))
    ring = (cosines < inner) & (cosines > outer)
    weights = np.broadcast_to(solid_angle, light.shape)
    peak, about = float(light.max()), float(np.average(light[ring], weights=weights[ring]))
    brightest = np.maximum(light - (peak + about) / 2, 0) * solid_angle
    contrast = 1 - about / max(peak, _TINY)
    alone = float(brightest[cosines >= inner].sum() / max(brightest.sum(), _TINY))
    return _ramp(contrast, CONTRAST) * _ramp(alone, ALONE)


def _ramp(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _unit(vector: Floats) -> Floats:
    return vector / max(float(np.linalg.norm(vector)), _TINY)


def _triple(values: Floats) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
