"""Where the ground begins in a picture of the sky.

Many photographs of clouds end in a dark silhouette: trees, hills, roofs. At the horizon of a sky
those would stand cut off at every join and colour the haze, so the picture is taken as ending
above them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAX_GROUND = 0.4  # of the height: what is darker than that far up is weather, not ground
MIN_STEP = 0.13  # fall of luminance from sky to ground that counts
REACH = 0.06  # of the height: rows on either side of the step that are compared


def sky_rows(picture: Floats) -> int:
    """Number of rows, from the top of `picture` (h, w, 3), above its ground; h without ground."""
    height = len(picture)
    reach = max(1, round(REACH * height))
    rows = picture.mean(axis=(1, 2))
    sums = np.concatenate([[0.0], np.cumsum(rows)])
    edges = np.arange(round((1 - MAX_GROUND) * height), height - reach // 2)
    low = np.minimum(edges + reach, height)
    above = (sums[edges] - sums[edges - reach]) / reach
    below = (sums[low] - sums[edges]) / (low - edges)
    rest = (sums[-1] - sums[edges]) / (height - edges)
    fall = above - np.maximum(below, rest)
    if fall.max() < MIN_STEP:
        return height
    return int(edges[fall.argmax()]) - reach // 2
