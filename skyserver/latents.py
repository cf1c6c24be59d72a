"""A seed's latents, the same in every language: docs/seed.md is the specification.

Integers make every value, so that float32 holds it exactly and no library's random generator, sine
or logarithm is in the way. SplitMix64 is by Steele, Lea and Flood, "Fast Splittable Pseudorandom
Number Generators", OOPSLA 2014.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

COARSE_LAYERS: Final = 5
"""Synthesis layers of the 4², 8² and 16² blocks: they place the clouds, the rest paints them."""

_GOLDEN: Final = 0x9E3779B97F4A7C15


def latent(seed: int, index: int, z_dim: int) -> NDArray[np.float32]:
    """Latent number `index` (0 or more) of a seed (0 to 2^64 - 1): shape (z_dim,), float32.

    Each value is the centred sum of twelve uniform 16-bit numbers over 2^16: mean 0, variance
    1 - 2^-32, within +-6, near to a normal distribution.
    """
    key = _splitmix64(_splitmix64(seed, 1)[0], index + 1)[index]
    words = _splitmix64(int(key), 3 * z_dim).reshape(z_dim, 3, 1)
    shifts = np.array([0, 16, 32, 48], dtype=np.uint64)
    uniforms = (words >> shifts & np.uint64(0xFFFF)).astype(np.int64)
    total: NDArray[np.int64] = uniforms.sum(axis=(1, 2)) - 6 * 0xFFFF
    return (total / 65536).astype(np.float32)


def sky_latents(seed: int, layers: int, z_dim: int, pictures: int) -> NDArray[np.float32]:
    """Latents of the ring's pictures and then the zenith's: (pictures + 1, layers, z_dim) float32.

    Pictures of one sky share latent 0 in the fine layers and differ in the first `COARSE_LAYERS`,
    where picture i has latent i + 1.
    """
    z = np.empty((pictures + 1, layers, z_dim), dtype=np.float32)
    z[:] = latent(seed, 0, z_dim)
    for picture in range(pictures + 1):
        z[picture, :COARSE_LAYERS] = latent(seed, picture + 1, z_dim)
    return z


def _splitmix64(state: int, count: int) -> NDArray[np.uint64]:
    """Return the first `count` outputs of the generator started at `state`: shape (count,)."""
    steps = np.arange(1, count + 1, dtype=np.uint64)
    x = np.uint64(state) + steps * np.uint64(_GOLDEN)  # arrays wrap without a warning
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
