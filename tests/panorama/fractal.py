"""Pictures that look enough like clouds to test with: fractal noise, each with its own light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def pictures(count: int, edge: int, seed: int, unlike: float = 1.0) -> Floats:
    """Skies (count, edge, edge, 3) in [0, 1]; `unlike` scales how much their exposures differ."""
    rng = np.random.default_rng(seed)
    across = np.fft.fftfreq(edge)
    frequency = np.hypot(across[:, None], across[None, :])
    frequency[0, 0] = np.inf
    spectrum = rng.normal(size=(count, edge, edge)) + 1j * rng.normal(size=(count, edge, edge))
    noise = np.fft.ifft2(spectrum / frequency**1.7).real
    noise /= noise.std(axis=(1, 2), keepdims=True)
    clouds = 1 / (1 + np.exp(-2 * noise))[..., None]
    shift = unlike * rng.uniform(-0.15, 0.15, (count, 1, 1, 3))
    blue = np.array([0.25, 0.45, 0.75]) + np.linspace(-0.1, 0.1, edge)[None, :, None, None]
    image = blue + shift + clouds * (np.array([0.9, 0.9, 0.88]) - blue)
    return image.clip(0, 1).astype(np.float32)
