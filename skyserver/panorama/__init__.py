"""From a handful of flat pictures of the sky to one seamless equirectangular panorama."""

from __future__ import annotations

from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.panorama.ground import add_ground
from skyserver.panorama.levelling import from_tone, match, to_tone
from skyserver.panorama.ring import join
from skyserver.panorama.tile import band_tiles, resized, sky_of
from skyserver.panorama.zenith import cover

Floats = NDArray[np.float32]

BAND_TOP: Final = 67.5  # degrees of elevation that the band round the horizon reaches
OVERLAP: Final = 0.45  # of a picture's share of the circle is shared with the next
MIN_SPAN: Final = 70.0  # degrees: narrower pictures would look squeezed; they overlap more
CAP_SHARE: Final = 0.8  # of the picture overhead: what is lowest in it belongs lower down
FEW: Final = 2  # so few pictures go round twice: opposite views may repeat, streaks are worse
EDGES: Final = (64, 1024)  # texels of a picture that are used, at least and at most


def compose(ring: Floats, zenith: Floats, method: str = "blend", below: str = "haze") -> Floats:
    """A panorama (H, 2 H, 3) in [0, 1] from pictures of one sky.

    ring: (N, h, w, 3), left to right round the horizon. zenith: (h, w, 3), for overhead. Both are
    float32 in [0, 1], seen as photographs: the bottom row near the horizon, the top row high in
    the sky. 2 H is about four times the smaller edge of a picture.

    `blend` lays all of them round the circle, cut and blended, and closes the sky with `zenith`
    (one or two of them go round twice);
    `mirror` is the simple way: the left half of ring[0] and its flipped half, stretched.
    The horizon is the middle row. `below` is `haze`, `mirror` or a colour #rrggbb.
    """
    sky = _blend(ring, zenith) if method == "blend" else _mirror(ring[0])
    return np.ascontiguousarray(add_ground(sky, below).transpose(1, 2, 0))


def _blend(pictures: Floats, overhead: Floats) -> Floats:
    if len(pictures) <= FEW:
        pictures = np.concatenate([pictures, pictures])
    pitch, levels = _grid(pictures.shape)
    width = pitch * len(pictures)
    grain = 1 << levels
    height = ceil(BAND_TOP / 360 * width / grain) * grain
    overlap = round(pitch * max(OVERLAP, MIN_SPAN / 360 * len(pictures) - 1))
    tiles = band_tiles(pictures, height, pitch + overlap, pitch)
    band = join(match(to_tone(tiles)), pitch, levels)
    cap = to_tone(sky_of(overhead, width // 4, width // 4, CAP_SHARE))
    return from_tone(cover(band, cap, levels))


def _grid(shape: tuple[int, ...]) -> tuple[int, int]:
    """Columns of a picture's share of the circle, and octave bands of the blends.

    The share is a multiple of 4 * 2^bands, so that a quarter of the circle has whole texels on
    every band.
    """
    count, height, width, _ = shape
    edge = int(np.clip(min(height, width), *EDGES))
    levels = int(np.log2(min(edge, 4 * edge / count) / 8))
    unit = 4 << levels
    return unit * round(4 * edge / count / unit), levels


def _mirror(picture: Floats) -> Floats:
    half = picture[:, : (picture.shape[1] + 1) // 2]
    pitch, _ = _grid((1, *picture.shape))
    whole = np.concatenate([half, half[:, ::-1]], axis=1)
    return resized(whole, pitch // 4, pitch)
