"""The transfer function of sRGB (IEC 61966-2-1), between display values and linear light.

Values are float32; 0 and 1 stay what they are. Negative values count as 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def to_linear(srgb: Floats) -> Floats:
    """Linear light of sRGB values."""
    srgb = np.maximum(srgb, np.float32(0))
    curve = ((srgb + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(srgb <= 0.04045, srgb / np.float32(12.92), curve)


def from_linear(linear: Floats) -> Floats:
    """sRGB values of linear light."""
    linear = np.maximum(linear, np.float32(0))
    curve = np.float32(1.055) * linear ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(linear <= 0.0031308, linear * np.float32(12.92), curve)
