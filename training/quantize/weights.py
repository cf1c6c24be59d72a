"""One weight as small integers times scales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = (2, 3, 4, 5, 6, 7, 8)
BLOCK = 32  # weights that share a scale, where nobody says otherwise
CLIPPINGS = 8  # scales that are tried, from the largest magnitude down to half of it


@dataclass(frozen=True)
class Quantized:
    """A matrix (out, in) as codes times scales.

    `codes` is int8 (out, in), within ±(2 ** (bits - 1) - 1). `scales` is float32 (out, blocks):
    a row's columns are cut into that many blocks of one length. Scales are float16 numbers, since
    that is what a file stores.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    bits: int

    def blocks(self) -> NDArray[np.int8]:
        """The codes in the order in which a file stores them, (blocks, columns of a block)."""
        return self.codes.reshape(self.scales.size, -1)

    def dequantize(self) -> NDArray[np.float32]:
        """The matrix that the codes stand for, float32 (out, in)."""
        length = self.codes.shape[1] // self.scales.shape[1]
        return np.repeat(self.scales, length, axis=1) * self.codes.astype(np.float32)


# (initializer's name, weight as float32 (out, in), bits, block) to codes and scales
Rounder = Callable[[str, NDArray[np.float32], int, int | None], Quantized]


def round_to_nearest(weight: NDArray[np.float32], bits: int, block: int | None) -> Quantized:
    """Each entry of float32 (out, in) to the nearest code, symmetric around 0.

    Every block of `block` columns (None: every row) has a scale of its own: of those that clip
    nothing to those that clip at half the largest magnitude, the one of least squared error.

    Raises ValueError for bits other than 2 to 8, and for a block that does not divide the columns.
    """
    if bits not in BITS:
        raise ValueError(f"bits: {bits} is not allowed; allowed: {BITS[0]} to {BITS[-1]}")
    rows, columns = weight.shape
    length = columns if block is None else block
    if columns % length:
        raise ValueError(f"block: {block} does not divide {columns} columns")
    blocks = weight.reshape(rows, -1, length)
    highest = 2 ** (bits - 1) - 1
    largest = np.abs(blocks).max(axis=2, keepdims=True)
    best_scale, best_codes = _codes(blocks, largest / highest, highest)
    least = _squared_error(blocks, best_scale, best_codes)
    for clipping in np.linspace(1, 0.5, CLIPPINGS, dtype=np.float32)[1:]:
        scale, codes = _codes(blocks, largest * clipping / highest, highest)
        error = _squared_error(blocks, scale, codes)
        better = error < least
        least = np.where(better, error, least)
        best_scale = np.where(better, scale, best_scale)
        best_codes = np.where(better, codes, best_codes)
    return Quantized(best_codes.reshape(rows, columns), best_scale[:, :, 0], bits)


def nearest(_name: str, weight: NDArray[np.float32], bits: int, block: int | None) -> Quantized:
    """`round_to_nearest` as the rounder of every weight."""
    return round_to_nearest(weight, bits, block)


def _codes(
    blocks: NDArray[np.float32], scale: NDArray[np.float32], highest: int
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """The scale as a file stores it, and the codes that go with it."""
    stored = scale.astype(np.float16).astype(np.float32)
    steps = np.divide(blocks, stored, out=np.zeros_like(blocks), where=stored > 0)
    return stored, np.clip(np.rint(steps), -highest, highest).astype(np.int8)


def _squared_error(
    blocks: NDArray[np.float32], scale: NDArray[np.float32], codes: NDArray[np.int8]
) -> NDArray[np.float32]:
    error: NDArray[np.float32] = np.square(blocks - scale * codes).sum(axis=2, keepdims=True)
    return error


def block_length(columns: int, wanted: int | None) -> int | None:
    """The divisor of `columns` that is nearest to `wanted`, by ratio; None, all of a row, as it
    is."""
    if wanted is None:
        return None
    divisors = [n for n in range(1, columns + 1) if columns % n == 0]
    return min(divisors, key=lambda n: max(n / wanted, wanted / n))


def as_matrix(weight: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """A weight of any rank as (out, in), where `axis` counts its output channels.

    The kernel (out, in, kh, kw) of a convolution, axis 0, becomes (out, in * kh * kw); so does that
    of a transposed one, (in, out, kh, kw), axis 1.
    """
    return np.ascontiguousarray(np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1))


def from_matrix(
    matrix: NDArray[np.float32], shape: tuple[int, ...], axis: int
) -> NDArray[np.float32]:
    """The weight of that shape whose `as_matrix` is `matrix`."""
    others = shape[:axis] + shape[axis + 1 :]
    return np.ascontiguousarray(np.moveaxis(matrix.reshape(shape[axis], *others), 0, axis))
