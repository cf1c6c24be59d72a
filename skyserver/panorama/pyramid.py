"""Multi-band blending: join fine detail over a short way and broad light over a long one.

Burt and Adelson, "A Multiresolution Spline With Application to Image Mosaics", ACM TOG 2(4), 1983:
split the images into octave bands, weight each band with the mask smoothed to that band's scale,
add the bands up again. The kernel is the cell-centred binomial [1 3 3 1] / 8 instead of their
five taps: level l then has exactly 1 / 2^l of the texels, centred on the blocks they stand for,
so a periodic image stays periodic on every level.

Arrays are planes (..., h, w), channels in front: numpy is several times faster on long rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def reduce(planes: Floats, periodic: bool = False) -> Floats:
    """Half as many texels in both directions; h and w are even. `periodic` in x."""
    rows = _with_ends(planes, -2, periodic=False)
    planes = _quarter_sums(
        rows[..., 1:-2:2, :], rows[..., 2:-1:2, :], rows[..., :-3:2, :], rows[..., 3::2, :]
    )
    columns = _with_ends(planes, -1, periodic)
    return _quarter_sums(
        columns[..., 1:-2:2], columns[..., 2:-1:2], columns[..., :-3:2], columns[..., 3::2]
    )


def expand(planes: Floats, periodic: bool = False, times: int = 1) -> Floats:
    """Twice as many texels in both directions, by linear interpolation; `times` over."""
    for _ in range(times):
        rows = _with_ends(planes, -2, periodic=False)
        tall = np.empty((*planes.shape[:-2], 2 * planes.shape[-2], planes.shape[-1]), planes.dtype)
        near = 0.75 * planes
        np.add(near, 0.25 * rows[..., :-2, :], out=tall[..., 0::2, :])
        np.add(near, 0.25 * rows[..., 2:, :], out=tall[..., 1::2, :])
        columns = _with_ends(tall, -1, periodic)
        planes = np.empty((*tall.shape[:-1], 2 * tall.shape[-1]), tall.dtype)
        near = 0.75 * tall
        np.add(near, 0.25 * columns[..., :-2], out=planes[..., 0::2])
        np.add(near, 0.25 * columns[..., 2:], out=planes[..., 1::2])
    return planes


def feather(mask: Floats, times: int) -> Floats:
    """`mask` with its edges softened over about 2^times texels."""
    for _ in range(times):
        mask = reduce(mask)
    return expand(mask, times=times)


def masked(planes: Floats, mask: Floats, levels: int) -> Floats:
    """`planes` (c, h, w) times `mask` (h, w) in [0, 1], band by band.

    Where the mask is constant over the reach of the coarsest band (about 2^levels texels) this is
    the plain product. `a + masked(b - a, mask, levels)` is the blend of b into a. Edges of the
    image are not periodic; h and w are multiples of 2^levels.
    """
    bands = []
    for _ in range(levels):
        coarse = reduce(planes)
        bands.append((planes - expand(coarse)) * mask)
        planes, mask = coarse, reduce(mask)
    return _collapse(planes * mask, bands, periodic=False)


def join_ring(tiles: Floats, masks: Floats, pitch: int, levels: int) -> Floats:
    """Blend overlapping tiles that lie round a closed ring.

    tiles: (n, channels, h, w), tile k with its first column at ring column k * pitch, w between
    pitch and 2 * pitch. masks: (n, 1, h, w) in [0, 1], adding up to 1 over all tiles at each ring
    column, zero for 2^levels columns at either end of a tile. h, w and pitch are multiples of
    2^levels. Returns (channels, h, n * pitch), periodic in x.
    """
    bands = []
    for level in range(levels):
        coarse = reduce(tiles)
        bands.append(overlap_add((tiles - expand(coarse)) * masks, pitch >> level))
        tiles, masks = coarse, reduce(masks)
    return _collapse(overlap_add(tiles * masks, pitch >> levels), bands, periodic=True)


def overlap_add(tiles: Floats, pitch: int) -> Floats:
    """Add tiles (n, c, h, w), pitch <= w <= 2 pitch, at every `pitch` columns of a closed ring."""
    count, channels, height, width = tiles.shape
    ring = np.empty((channels, height, count, pitch), tiles.dtype)
    ring[...] = tiles[..., :pitch].transpose(1, 2, 0, 3)
    ring[..., : width - pitch] += np.roll(tiles[..., pitch:], 1, axis=0).transpose(1, 2, 0, 3)
    return ring.reshape(channels, height, count * pitch)


def _collapse(planes: Floats, bands: list[Floats], periodic: bool) -> Floats:
    for band in reversed(bands):
        planes = expand(planes, periodic)
        planes += band
    return planes


def _quarter_sums(left: Floats, right: Floats, far_left: Floats, far_right: Floats) -> Floats:
    total = left + right
    total *= 3.0
    total += far_left
    total += far_right
    total *= 0.125
    return total


def _with_ends(planes: Floats, axis: int, periodic: bool) -> Floats:
    """One more line at either end of `axis`: the nearest, or the one from the other end."""
    first, last = np.take(planes, [0], axis), np.take(planes, [-1], axis)
    ends = (last, first) if periodic else (first, last)
    return np.concatenate([ends[0], planes, ends[1]], axis)
