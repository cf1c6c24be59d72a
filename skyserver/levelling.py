"""Bring the light of different pictures together, over the widest way there is.

Neighbours round the circle are different photographs-like pictures: other exposure, other tint.
Multi-band blending joins over a few degrees only. Here each picture is first drawn towards the
common tone, by part of the way so that the sky keeps its variety, and then what is left of the
difference at each join is shared out smoothly over the whole width of the two pictures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TONE_PULL = 0.6  # how far a picture's mean goes towards the common one
CONTRAST_PULL = 0.5  # how far its standard deviation does
_TOE = 0.08  # keeps the tone scale finite at black and white


def to_tone(image: Floats) -> Floats:
    """From [0, 1] to a scale on which light can be added without ever leaving [0, 1] (a logit)."""
    return np.log((image + _TOE) / (1.0 + _TOE - image))


def from_tone(tone: Floats) -> Floats:
    """The inverse of `to_tone`, clipped to [0, 1]."""
    power = np.exp(tone)
    return np.clip((power * (1.0 + _TOE) - _TOE) / (1.0 + power), 0.0, 1.0)


def match(tones: Floats) -> Floats:
    """Draw each picture's mean and contrast, per channel, towards those of all (n, h, w, 3)."""
    mean = tones.mean(axis=(1, 2), keepdims=True)
    spread = tones.std(axis=(1, 2), keepdims=True) + 1e-3
    common = np.exp(np.log(spread).mean(axis=0))
    gain = (common / spread) ** CONTRAST_PULL
    target = mean + TONE_PULL * (mean.mean(axis=0) - mean)
    return (tones - mean) * gain + target


def level_joins(tiles: Floats, overlap: int) -> Floats:
    """Make the broad light of neighbours round a ring agree where they overlap.

    tiles (n, h, c, 3): the last `overlap` columns of tile k show the same directions as the first
    of tile k + 1. Half of the smooth difference of the two is added at either side and fades away
    across each picture.
    """
    ends = tiles[:, :, -overlap:].mean(axis=2)
    starts = np.roll(tiles[:, :, :overlap].mean(axis=2), -1, axis=0)
    half = 0.5 * _smooth_profile(starts - ends)[:, :, None]
    columns = tiles.shape[2]
    ramp = (np.arange(columns) + 0.5 - overlap) / (columns - 2 * overlap)
    rising = np.clip(ramp, 0, 1).astype(np.float32)[:, None]
    return tiles + half * rising - np.roll(half, 1, axis=0) * (1 - rising)


def _smooth_profile(profile: Floats) -> Floats:
    """The quadratic in y that fits profiles (n, h, 3) best: light, not clouds."""
    y = np.linspace(-1, 1, profile.shape[1])
    basis, _ = np.linalg.qr(np.stack([np.ones_like(y), y, y * y], axis=1))
    basis = basis.astype(np.float32)
    return basis @ (basis.T @ profile)
