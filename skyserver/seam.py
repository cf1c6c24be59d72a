"""The least visible cut through the overlap of two pictures.

The minimum error boundary cut of Efros and Freeman, "Image Quilting for Texture Synthesis and
Transfer", SIGGRAPH 2001, section 2.1: the cheapest path through the overlap, one texel per step,
moving by at most one texel sideways, found by dynamic programming.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


def cut(cost: Floats) -> Indices:
    """The cheapest paths through `cost` (n, steps, width), each on its own: indices (n, steps).

    A path visits one place 0 <= p < width at each step; from step to step p changes by at most 1.
    """
    return _backtrack(_accumulate(cost), None)


def closed_cut(cost: Floats) -> Indices:
    """A cheap closed path through `cost` (steps, width): indices (steps,).

    The last place is at most 1 from the first. The best open path over two rounds chooses where
    to start; the path through that place is then the cheapest there is.
    """
    steps = len(cost)
    twice = np.concatenate([cost, cost])[None]
    start = cut(twice)[0, steps]
    closing = np.concatenate([cost, cost[:1]])[None].copy()
    others = np.arange(cost.shape[1]) != start
    closing[:, 0, others] = np.inf
    return _backtrack(_accumulate(closing), np.array([start]))[0, :steps]


def _accumulate(cost: Floats) -> Floats:
    """Cost of the cheapest path that ends at each place (equation of section 2.1)."""
    total = cost.astype(np.float32)
    for step in range(1, total.shape[1]):
        total[:, step] += _neighbours(total[:, step - 1]).min(axis=0)
    return total


def _backtrack(total: Floats, end: Indices | None) -> Indices:
    rows = np.arange(len(total))
    path = np.empty(total.shape[:2], np.intp)
    place = total[:, -1].argmin(axis=1) if end is None else end
    path[:, -1] = place
    for step in range(total.shape[1] - 2, -1, -1):
        place = place - 1 + _neighbours(total[:, step])[:, rows, place].argmin(axis=0)
        path[:, step] = place
    return path


def _neighbours(values: Floats) -> Floats:
    """Values (n, width) to the left of, at and to the right of each place: (3, n, width)."""
    padded = np.pad(values, ((0, 0), (1, 1)), constant_values=np.inf)
    return np.stack([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]])
