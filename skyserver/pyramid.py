"""Multi-band blending: join fine detail over a short way and broad light over a long one.

Burt and Adelson, "A Multiresolution Spline With Application to Image Mosaics", ACM TOG 2(4), 1983:
split the images into octave bands, weight each band with the mask smoothed to that band's scale,
add the bands up again. The kernel is the cell-centred binomial [1 3 3 1] / 8 instead of their
five taps: level l then has exactly 1 / 2^l of the texels, centred on the blocks they stand for,
so a periodic image stays periodic on every level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def reduce(image: Floats, periodic: bool = False) -> Floats:
    """Half an image (..., h, w, c) in both directions; `h` and `w` even; `periodic` in x."""
    return _halve(_halve(image, -3, "edge"), -2, "wrap" if periodic else "edge")


def expand(image: Floats, periodic: bool = False) -> Floats:
    """Double an image (..., h, w, c) in both directions by linear interpolation."""
    return _double(_double(image, -3, "edge"), -2, "wrap" if periodic else "edge")


def masked(image: Floats, mask: Floats, levels: int) -> Floats:
    """`image` (h, w, c) times `mask` (h, w) in [0, 1], band by band.

    Where the mask is constant over the reach of the coarsest band (about 2^levels texels) this is
    the plain product. `a + masked(b - a, mask, levels)` is the blend of b into a. Edges of the
    image are not periodic; h and w are multiples of 2^levels.
    """
    bands = []
    weight = mask[..., None]
    for _ in range(levels):
        coarse = reduce(image)
        bands.append((image - expand(coarse)) * weight)
        image, weight = coarse, reduce(weight)
    return _collapse(image * weight, bands, periodic=False)


def join_ring(tiles: Floats, masks: Floats, pitch: int, levels: int) -> Floats:
    """Blend overlapping tiles that lie round a closed ring.

    tiles: (n, h, c, 3), tile k has its first column at ring column k * pitch; pitch <= c <= 2 pitch.
    masks: (n, h, c) in [0, 1], adding up to 1 over all tiles at each ring column, zero for
    2^levels columns at either end of a tile. h, c and pitch are multiples of 2^levels.
    Returns (h, n * pitch, 3), periodic in x.
    """
    bands = []
    weights = masks[..., None]
    for level in range(levels):
        coarse = reduce(tiles)
        bands.append(overlap_add((tiles - expand(coarse)) * weights, pitch >> level))
        tiles, weights = coarse, reduce(weights)
    return _collapse(overlap_add(tiles * weights, pitch >> levels), bands, periodic=True)


def overlap_add(tiles: Floats, pitch: int) -> Floats:
    """Add tiles (n, h, c, k), pitch <= c <= 2 pitch, at every `pitch` columns of a closed ring."""
    n, height, columns, channels = tiles.shape
    cells = tiles[:, :, :pitch].copy()
    cells[:, :, : columns - pitch] += np.roll(tiles[:, :, pitch:], 1, axis=0)
    return cells.swapaxes(0, 1).reshape(height, n * pitch, channels)


def _collapse(image: Floats, bands: list[Floats], periodic: bool) -> Floats:
    for band in reversed(bands):
        image = expand(image, periodic)
        image += band
    return image


def _halve(image: Floats, axis: int, mode: str) -> Floats:
    padded = _pad(image, axis, mode)
    outer = padded[0:-3:2] + padded[3::2]
    inner = padded[1:-2:2] + padded[2:-1:2]
    inner *= 3.0
    inner += outer
    inner *= 0.125
    return np.moveaxis(inner, 0, axis)


def _double(image: Floats, axis: int, mode: str) -> Floats:
    padded = _pad(image, axis, mode)
    near = 0.75 * padded[1:-1]
    out = np.empty((2 * len(near), *near.shape[1:]), image.dtype)
    np.add(near, 0.25 * padded[:-2], out=out[0::2])
    np.add(near, 0.25 * padded[2:], out=out[1::2])
    return np.moveaxis(out, 0, axis)


def _pad(image: Floats, axis: int, mode: str) -> Floats:
    """One more texel at either end of `axis`, which becomes the first."""
    lines = np.moveaxis(image, axis, 0)
    ends = (lines[-1:], lines[:1]) if mode == "wrap" else (lines[:1], lines[-1:])
    return np.concatenate([ends[0], lines, ends[1]])
