"""A picture of the sky as a piece of the panorama: no ground, no frame, straight lines straight.

A straight cloud base in a photograph is a great circle on the sky: it sinks to both sides of the
middle of the picture, tan(elevation) falling with the cosine of the azimuth. Rows laid out along
circles of equal elevation would bend it upwards instead, like a bowl, when the player looks up.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.panorama.lookup import Lookup
from skyserver.panorama.skyline import sky_rows
from skyserver.resample import resize

Floats = NDArray[np.float32]

TOP: Final = 75.0  # degrees of elevation of a picture's top row, in its middle
STRAIGHTNESS: Final = 0.3  # power of the cosine; at 1 neighbours would meet in a V, at 0 bowls
FRAME: Final = 0.015  # of a picture's edges is left out: frames, vignettes, resampling
_FINER: Final = 1.25  # rows that are kept for the bending, which interpolates between them


def sky_of(picture: Floats, height: int, width: int, share: float = 1.0) -> Floats:
    """The upper `share` of the sky in `picture` (h, w, 3), as planes (3, height, width)."""
    rows, columns = picture.shape[:2]
    above, beside = round(FRAME * rows), round(FRAME * columns)
    bottom = ceil(share * min(sky_rows(picture), rows - above))
    return resized(picture[above:bottom, beside : columns - beside], height, width)


def band_tiles(pictures: Floats, height: int, width: int, pitch: int) -> Floats:
    """Pictures (n, h, w, 3) as tiles (n, 3, height, width) of the band round the horizon.

    The circle has n * pitch columns, and n * pitch / 360 rows to a degree of elevation, the bottom
    row at the horizon.
    """
    count = len(pictures)
    tall = round(TOP * _FINER * count * pitch / 360)
    planes = np.concatenate([sky_of(picture, tall, width) for picture in pictures])
    bent = _bend(count, pitch, height, width, tall)(planes)
    return bent.reshape(count, 3, height, width)


@lru_cache(maxsize=8)
def _bend(count: int, pitch: int, height: int, width: int, tall: int) -> Lookup:
    """Where each texel of a tile lies in a picture of `tall` rows."""
    elevation = (np.arange(height)[::-1, None] + 0.5) * 360 / (count * pitch)
    # Shares of the circle wider than 90 degrees would reach behind the camera.
    azimuth = (np.arange(width) + 0.5 - width / 2) / pitch * min(90, 360 / count)
    sinking = np.cos(np.radians(azimuth)) ** STRAIGHTNESS
    in_middle = np.degrees(np.arctan(np.tan(np.radians(elevation)) / sinking))
    columns = np.broadcast_to(np.arange(width) + 0.5, (height, width))
    return Lookup(tall * (1 - in_middle / TOP), columns, (tall, width), wraps=False)


def resized(picture: Floats, height: int, width: int) -> Floats:
    """`picture` (h, w, 3) as planes (3, height, width) in [0, 1], Lanczos."""
    return np.ascontiguousarray(resize(picture, width, height).transpose(2, 0, 1))
