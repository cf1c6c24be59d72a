"""Pictures side by side round the horizon, joined into one closed band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skyserver.panorama.levelling import level_joins
from skyserver.panorama.pyramid import feather, join_ring
from skyserver.panorama.seam import cut

Floats = NDArray[np.float32]


def join(tiles: Floats, pitch: int, levels: int) -> Floats:
    """Join tiles (n, 3, h, pitch + overlap) into a band (3, h, n * pitch), periodic in x.

    Each tile is cut against the next, the last one against the first (a single one against
    itself), and blended over `levels` octave bands. The middle of tile k lands in the middle of
    columns k * pitch to (k + 1) * pitch. h and pitch are multiples of 2^levels, and
    overlap + 3 * 2^levels <= pitch.
    """
    width = tiles.shape[3]
    overlap = width - pitch
    tiles = level_joins(tiles, overlap)
    masks = _masks(_cuts(tiles, overlap), width, overlap)
    grain = 1 << levels
    room = 2 * grain + -width % grain  # for the coarsest band to reach past the ends
    sides = (room // 2, room - room // 2)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (0, 0), sides), mode="reflect")
    masks = np.pad(masks, ((0, 0), (0, 0), (0, 0), sides))
    band = join_ring(tiles, feather(masks, levels - 1), pitch, levels)
    return np.roll(band, -(overlap // 2 + sides[0]), axis=2)


def _cuts(tiles: Floats, overlap: int) -> NDArray[np.intp]:
    """Columns (n, h) within the overlap of tile k and k + 1 at which the one gives way."""
    following = np.roll(tiles[..., :overlap], -1, axis=0)
    cost = np.abs(tiles[..., -overlap:] - following).sum(axis=1)
    # A cut in the middle leaves the bands room on both sides: near the ends it has to pay.
    off_centre = np.abs(np.linspace(-1, 1, overlap, dtype=np.float32))
    return cut(cost + (cost.mean() + 1e-3) * off_centre**4)


def _masks(path: NDArray[np.intp], columns: int, overlap: int) -> Floats:
    """1 where a tile shows, between its two cuts, else 0: (n, 1, h, columns)."""
    x = np.arange(columns)
    begins = np.roll(path, 1, axis=0)[:, None, :, None]
    ends = path[:, None, :, None] + columns - overlap
    return ((x >= begins) & (x < ends)).astype(np.float32)
