"""Where the ground begins in a picture of the sky.

Many photographs of clouds end in a dark silhouette: trees, hills, roofs. At the horizon of a sky
those would stand cut off at every join and colour the haze, so the picture is taken as ending
above them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAX_GROUND: Final = 0.4  # of the height: what is darker than that far up is weather, not ground
MIN_STEP: Final = 0.11  # fall of luminance from sky to ground that counts
MARGIN: Final = 0.04  # by which ground is darker than any of the sky: the base of a cloud is not
MIN_HEIGHT: Final = 16  # rows: in less than that nothing can be told
REACH: Final = 0.08  # of the height: rows on either side of the step that are compared


def sky_rows(picture: Floats) -> int:
    """Number of rows, from the top of `picture` (h, w, 3), above its ground; h without ground."""
    height = len(picture)
    if height < MIN_HEIGHT:
        return height
    reach = round(REACH * height)
    rows = picture.mean(axis=(1, 2))
    sums = np.concatenate([[0.0], np.cumsum(rows)])
    windows = (sums[reach:] - sums[:-reach]) / reach  # window i begins at row i
    edges = np.arange(round((1 - MAX_GROUND) * height), height - reach // 2)
    above = windows[edges - reach]
    below = windows[np.minimum(edges, height - reach)]
    ground = (sums[-1] - sums[edges]) / (height - edges)
    darkest_sky = np.minimum.accumulate(windows)[edges - reach]
    fall = above - np.maximum(below, ground)
    fall[ground > darkest_sky - MARGIN] = 0
    if fall.max() < MIN_STEP:
        return height
    return int(edges[fall.argmax()]) - reach // 2
