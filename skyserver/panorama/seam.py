"""The least visible cut through the overlap of two pictures.

The minimum error boundary cut of Efros and Freeman, "Image Quilting for Texture Synthesis and
Transfer", SIGGRAPH 2001, section 2.1: the cheapest path through the overlap, one texel per step,
moving by at most one texel sideways, found by dynamic programming.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


def cut(cost: Floats) -> Indices:
    """The cheapest paths through `cost` (n, steps, width), each on its own: indices (n, steps).

    A path visits one place 0 <= p < width at each step; from step to step p changes by at most 1.
    """
    total = _accumulate(cost)
    return _backtrack(total, total[:, -1, 1:-1].argmin(axis=1))


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
    """Cost of the cheapest path that ends at each place, with an infinite place at either end."""
    count, steps, width = cost.shape
    total = np.full((count, steps, width + 2), np.inf, np.float32)
    total[:, :, 1:-1] = cost
    for step in range(1, steps):
        before, here = total[:, step - 1], total[:, step, 1:-1]
        here += np.minimum(np.minimum(before[:, :-2], before[:, 2:]), before[:, 1:-1])
    return total


def _backtrack(total: Floats, end: Indices) -> Indices:
    """The paths that lead to the places `end` (n,), read backwards from the costs."""
    rows = np.arange(len(total))
    steps_aside = sliding_window_view(total, 3, axis=2).argmin(axis=3) - 1
    path = np.empty(total.shape[:2], np.intp)
    path[:, -1] = place = end
    for step in range(total.shape[1] - 2, -1, -1):
        place = place + steps_aside[rows, step, place]
        path[:, step] = place
    return path
