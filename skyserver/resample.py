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
    """Panorama (H + 2 margin, W + 2 margin, 3): with what lies beyond the edges of (H, W, 3)."""
    height, width, _ = equirect.shape
    # A column goes down to the pole and up again on the far side: a circle of 2 H texels.
    circle = np.arange(-margin, height + margin) % (2 * height)
    beyond = circle >= height
    rows = np.where(beyond, 2 * height - 1 - circle, circle)
    columns = np.arange(-margin, width + margin)
    near, far = columns % width, (columns + width // 2) % width
    extended = np.empty((len(rows), len(columns), 3), np.float32)
    extended[~beyond] = equirect[rows[~beyond]][:, near]
    extended[beyond] = equirect[rows[beyond]][:, far]
    return extended


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
