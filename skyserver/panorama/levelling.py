"""Bring the light of different pictures together, over the widest way there is.

Neighbours round the circle are different pictures: other exposure, other tint.
Multi-band blending joins over a few degrees only. Here each picture is first drawn towards the
common tone, by part of the way so that the sky keeps its variety, and then what is left of the
difference at each join is shared out smoothly over the whole width of the two pictures.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TONE_PULL: Final = 0.6  # how far a picture's mean goes towards the common one
CONTRAST_PULL: Final = 0.5  # how far its standard deviation does
_TOE: Final = 0.08  # keeps the tone scale finite at black and white


def to_tone(image: Floats) -> Floats:
    """From [0, 1] to a scale on which light can be added without ever leaving [0, 1] (a logit)."""
    return np.log((image + _TOE) / (1.0 + _TOE - image))


def from_tone(tone: Floats) -> Floats:
    """The inverse of `to_tone`, clipped to [0, 1]."""
    power = np.exp(tone)
    return np.clip((power * (1.0 + _TOE) - _TOE) / (1.0 + power), 0.0, 1.0)


def match(tones: Floats) -> Floats:
    """Draw each picture's mean and contrast, per channel, towards those of all (n, 3, h, w)."""
    sample = tones[..., ::4, ::4]
    mean = sample.mean(axis=(2, 3), keepdims=True)
    spread = sample.std(axis=(2, 3), keepdims=True) + 1e-3
    gain = (np.exp(np.log(spread).mean(axis=0)) / spread) ** CONTRAST_PULL
    target = mean + TONE_PULL * (mean.mean(axis=0) - mean)
    matched: Floats = tones * gain + (target - mean * gain)
    return matched


def level_joins(tiles: Floats, overlap: int) -> Floats:
    """Make the broad light of neighbours round a ring agree where they overlap.

    tiles (n, 3, h, w): the last `overlap` columns of tile k show the same directions as the first
    of tile k + 1. Half of the smooth difference of the two is added at either side and fades away
    across each picture.
    """
    ends = tiles[..., -overlap:].mean(axis=3)
    starts = np.roll(tiles[..., :overlap].mean(axis=3), -1, axis=0)
    half = 0.5 * _smooth_profile(starts - ends)[..., None]
    columns = tiles.shape[3]
    ramp = (np.arange(columns) + 0.5 - overlap) / (columns - 2 * overlap)
    rising = np.clip(ramp, 0, 1).astype(np.float32)
    change: Floats = half * rising - np.roll(half, 1, axis=0) * (1 - rising)
    change += tiles
    return change


def _smooth_profile(profile: Floats) -> Floats:
    """The quadratic in y that fits profiles (n, 3, h) best: light, not clouds."""
    y = np.linspace(-1, 1, profile.shape[2])
    basis, _ = np.linalg.qr(np.stack([np.ones_like(y), y, y * y], axis=1))
    basis = basis.astype(np.float32)
    smooth: Floats = (profile @ basis) @ basis.T
    return smooth
