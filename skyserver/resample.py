"""Resize pictures with Lanczos' filter, wide enough not to alias when they shrink.

The filter is a windowed sinc of three lobes (Turkowski, "Filters for common resampling tasks",
Graphics Gems I, 1990), stretched by the ratio when it shrinks; Pillow's LANCZOS is the same. Each
pass is a product with a banded matrix, block by block: the fastest thing that numpy does. On a
panorama the taps wrap round in x and go on beyond the poles.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_LOBES: Final = 3
_BLOCK: Final = 32  # texels of a line that are made at a time


def resize(image: Image, width: int, height: int, wrap: bool = False) -> Image:
    """Picture (height, width, 3) of a picture (h, w, 3), both float32 in [0, 1].

    `wrap`: it is an equirectangular panorama (w is even), whose left and right edges meet and
    whose columns go on beyond a pole half a turn away.
    """
    if not wrap:
        return resize_interior(image, 0, width, height)
    h, w, _ = image.shape
    margin = reach(max(h / height, w / width))
    return resize_interior(extend(image, margin), margin, width, height)


def reach(ratio: float) -> int:
    """How many texels beyond its edges the filter takes to resize a picture to 1 / `ratio`."""
    return ceil(_LOBES * max(1.0, ratio)) + 1


def extend(equirect: Image, margin: int) -> Image:
    """What lies in and `margin` texels round a panorama (H, W, 3).

    Returns a grid (H + 2 margin, W + 2 margin, 4) as skyserver/spline.py has them: the fourth
    channel is unused.
    """
    height, width, _ = equirect.shape
    grid = np.zeros((height + 2 * margin, width + 2 * margin, 4), np.float32)
    inside = grid[:, margin:-margin, :3]
    for channel in range(3):  # numpy is slow where the last axis is short
        inside[margin:-margin, :, channel] = equirect[..., channel]
    # A column goes down to the pole and up again on the far side: a circle of 2 H texels.
    for row in (*range(-margin, 0), *range(height, height + margin)):
        there = row % (2 * height)
        beyond = there >= height
        line = equirect[2 * height - 1 - there] if beyond else equirect[there]
        inside[row + margin] = np.roll(line, width // 2, axis=0) if beyond else line
    columns = np.arange(margin)
    grid[:, :margin] = grid[:, margin + (columns - margin) % width]
    grid[:, -margin:] = grid[:, margin + columns % width]
    return grid


def resize_interior(image: Image, margin: int, width: int, height: int) -> Image:
    """Picture (height, width, 3) of a picture (h, w, 3 or more) without `margin` texels all round.

    The margin is there for the filter's taps, see `reach`. Values are clipped to [0, 1], because
    the filter overshoots at hard edges.
    """
    if height < len(image):
        resized = _resize_across(_resize_down(image, margin, height), margin, width)
    else:
        resized = _resize_down(_resize_across(image, margin, width), margin, height)
    return np.clip(resized, 0, 1, out=resized)


def _resize_down(image: Image, margin: int, height: int) -> Image:
    rows, columns, channels = image.shape
    lines = image.reshape(rows, columns * channels)
    resized = np.empty((height, columns * channels), np.float32)
    for block in _blocks(rows, margin, height):
        np.matmul(block.weights, lines[block.taps], out=resized[block.made])
    return resized.reshape(height, columns, channels)


def _resize_across(image: Image, margin: int, width: int) -> Image:
    rows, columns, channels = image.shape
    lines = image.reshape(rows, columns * channels)
    resized = np.empty((rows, width * 3), np.float32)
    for block in _blocks(columns, margin, width):
        # A texel's channels side by side, each with the same weights: one product, no transposes.
        weights = np.kron(block.weights.T, np.eye(channels, 3, dtype=np.float32))
        taps = lines[:, channels * block.taps.start : channels * block.taps.stop]
        resized[:, 3 * block.made.start : 3 * block.made.stop] = taps @ weights
    return resized.reshape(rows, width, 3)


class _Block(NamedTuple):
    """What makes some neighbouring texels of a line: weights (made, taps)."""

    made: slice
    taps: slice
    weights: NDArray[np.float32]


@lru_cache(32)
def _blocks(size: int, margin: int, count: int) -> tuple[_Block, ...]:
    """How `count` texels are made of those of a line of `size`, without `margin` at either end."""
    ratio = (size - 2 * margin) / count
    stretch = max(1.0, ratio)
    blocks = []
    for start in range(0, count, _BLOCK):
        made = slice(start, min(start + _BLOCK, count))
        centres = margin + (np.arange(made.start, made.stop) + 0.5) * ratio
        support = _LOBES * stretch
        taps = slice(max(0, int(centres[0] - support)), min(size, ceil(centres[-1] + support)))
        offset = (np.arange(taps.start, taps.stop) + 0.5 - centres[:, None]) / stretch
        weights = np.where(np.abs(offset) < _LOBES, np.sinc(offset) * np.sinc(offset / _LOBES), 0)
        weights /= weights.sum(axis=1, keepdims=True)
        blocks.append(_Block(made, taps, weights.astype(np.float32)))
    return tuple(blocks)
