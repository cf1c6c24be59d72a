"""Interpolation of pictures with quadratic B-splines.

A quadratic B-spline that passes through all samples has nine taps, yet keeps more of a picture
than the sixteen of bicubic convolution, at the price of one filter over the picture beforehand.
Source: Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing
Magazine 16(6), 1999: interpolation with splines of degree 2, whose pole is sqrt(8) - 3.

A `Grid` (rows, columns, 4) is a picture with some texels more on every side, which hold what lies
beyond its edge (on a sphere: the row's other end, the far side of the pole, the next face). The
fourth channel is unused; it makes a texel 16 bytes, which are fetched in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skyserver.cores import on_cores

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Weights = Callable[[Floats], tuple[Floats, Floats, Floats]]

_POLE: Final = 8**0.5 - 3
MARGIN: Final = 10  # taps reach out 2 texels; 8 more, and |_POLE|^n is lost in float32
_BLOCK: Final = 1 << 16  # texels that are filtered at a time: threads seldom meet


class Taps(NamedTuple):
    """Places in a grid: flat index (int32) of the `nearest` texel, and the way on from there.

    `dx` and `dy` are float32 in [-0.5, 0.5], in texels. All have the same shape (n,).
    """

    nearest: NDArray[np.int32]
    dx: Floats
    dy: Floats


def locate(x: Doubles, y: Doubles, margin: int, columns: int) -> Taps:
    """Taps for the places (x, y) of a picture, whose first texel has its centre at (0, 0).

    Its grid has `columns` columns, of which `margin` lie before the picture, and as many rows.
    """
    column, row = np.rint(x), np.rint(y)
    index = (row + margin) * columns + (column + margin)
    dx, dy = (x - column).astype(np.float32), (y - row).astype(np.float32)
    return Taps(index.astype(np.int32).ravel(), dx.ravel(), dy.ravel())


def to_coefficients(grid: Floats) -> None:
    """Turn a grid's samples into the coefficients of the spline through them, in place.

    This convolves rows and columns with _POLE^n, shifted by n, over all n >= 0, both ways.
    """
    step = max(1, _BLOCK // grid.shape[1])
    on_cores(_filter_rows, [grid[start : start + step] for start in range(0, len(grid), step)])
    _filter_columns(grid)


def _filter_rows(rows: Floats) -> None:
    rows *= np.float32((-8 * _POLE) ** 2)
    # All at once: 1 + p + p^2 + ... + p^7 = (1 + p)(1 + p^2)(1 + p^4) reaches as far as matters.
    for n in (1, 2, 4):
        rows[:, n:] += np.float32(_POLE**n) * rows[:, :-n]
    for n in (1, 2, 4):
        rows[:, :-n] += np.float32(_POLE**n) * rows[:, n:]


def _filter_columns(grid: Floats) -> None:
    # Row by row: a recursion is quick where each step is a long line.
    for row in range(1, len(grid)):
        grid[row] += np.float32(_POLE) * grid[row - 1]
    for row in range(len(grid) - 2, -1, -1):
        grid[row] += np.float32(_POLE) * grid[row + 1]


def bspline(t: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights of the coefficients before, at and after the nearest texel, t in [-0.5, 0.5]."""
    return 0.5 * (0.5 - t) ** 2, 0.75 - t * t, 0.5 * (0.5 + t) ** 2


def parabola(t: Floats) -> tuple[Floats, Floats, Floats]:
    """As `bspline`, but of samples: the parabola through three of them (coarser, no filter)."""
    return 0.5 * t * (t - 1), 1 - t * t, 0.5 * t * (t + 1)


def gather(grids: Floats, taps: Taps, weights: Weights = bspline) -> Floats:
    """Values (n, 4) at `taps` of grids (..., rows, columns, 4), whose indices run through all."""
    columns = grids.shape[-2]
    texels = grids.reshape(-1).view(np.complex128)  # any type of 16 bytes: they are only copied
    first = taps.nearest.astype(np.intp) - (columns + 1)
    # One weight for each channel, because numpy is slow where the last axis is short.
    across, down = weights(np.repeat(taps.dx, 4)), weights(np.repeat(taps.dy, 4))
    fetched = np.empty(len(first), np.complex128)
    values = fetched.view(np.float32)
    row, total = np.empty_like(values), np.zeros_like(values)
    for j in range(3):
        for i in range(3):
            np.take(texels[j * columns + i :], first, out=fetched, mode="clip")
            np.multiply(values, across[i], out=values if i else row)
            if i:
                np.add(row, values, out=row)
        np.multiply(row, down[j], out=row)
        np.add(total, row, out=total)
    return total.reshape(-1, 4)
