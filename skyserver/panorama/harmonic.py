"""A harmonic function on a spherical cap, from its values on the rim.

The smoothest surface through given values on a circle solves Laplace's equation: the m-th harmonic
of the rim fades towards the pole as r^m (Poisson's integral), where r is the radius in the
stereographic projection, which is conformal and so keeps harmonic functions harmonic. The value
at the pole is the mean of the rim. No streak and no pinch can arise, and the rim closes exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Complexes = NDArray[np.complex64]


def stereographic(
    distance: NDArray[np.float64], angle: NDArray[np.float64], rim: float
) -> Complexes:
    """Points at `distance` from the pole, at `angle` about it, all in radians.

    The circle at distance `rim` becomes the unit circle.
    """
    radius = np.tan(distance / 2) / np.tan(rim / 2)
    points: Complexes = (radius * np.exp(1j * angle)).astype(np.complex64)
    return points


def extend(rim: Floats, points: Complexes, orders: int) -> Floats:
    """Values (c, ...) at stereographic `points` (...) from the `rim` (c, w).

    Rim sample i stands at angle 2 pi (i + 0.5) / w. Harmonics from `orders` on are left out.
    Outside the rim (|z| > 1) the function would blow up: such points take the rim's value.
    """
    coefficients = _fourier(rim, orders)
    outside = np.maximum(np.abs(points), 1.0)
    z = points / outside
    value = np.zeros((len(rim), *points.shape), np.complex64)
    for coefficient in coefficients.T[::-1]:  # Horner's rule
        value *= z
        value += coefficient.reshape(-1, *[1] * points.ndim)
    return np.ascontiguousarray(value.real)


def _fourier(rim: Floats, orders: int) -> Complexes:
    """c_m (c, orders) such that the real part of sum c_m exp(i m angle) is the low-passed rim."""
    width = rim.shape[1]
    spectrum = np.fft.rfft(rim)[:, :orders] / width
    spectrum[:, 1:] *= 2.0  # the negative orders of a real signal
    half_sample = np.exp(-1j * np.pi * np.arange(spectrum.shape[1]) / width)
    coefficients: Complexes = (spectrum * half_sample).astype(np.complex64)
    return coefficients
