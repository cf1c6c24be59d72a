"""Resize pictures with Lanczos' filter, wide enough not to alias when they shrink.

The filter is Pillow's: a windowed sinc of three lobes (Turkowski, "Filters for common resampling
tasks", Graphics Gems I, 1990), stretched by the ratio when it shrinks. On a panorama its taps wrap
round in x and go on beyond the poles.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

Image = NDArray[np.float32]

_LOBES: Final = 3


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
    return math.ceil(_LOBES * max(1.0, ratio)) + 1


def extend(equirect: Image, margin: int) -> Image:
    """What lies in and `margin` texels round a panorama (H, W, 3).

    Returns a grid (H + 2 margin, W + 2 margin, 4) as skyserver/spline.py has them: the fourth
    channel is unused.
    """
    height, width, _ = equirect.shape
    grid = np.zeros((height + 2 * margin, width + 2 * margin, 4), np.float32)
    inside = grid[:, margin:-margin, :3]
    inside[margin:-margin] = equirect
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
    h, w = image.shape[:2]
    box = (margin, margin, w - margin, h - margin)
    resized = np.empty((height, width, 3), np.float32)
    for channel in range(3):
        plane = Pillow.fromarray(np.ascontiguousarray(image[..., channel]))
        plane = plane.resize((width, height), Pillow.Resampling.LANCZOS, box)
        resized[..., channel] = np.asarray(plane)
    return np.clip(resized, 0, 1, out=resized)
