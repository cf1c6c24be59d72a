"""Rounding that makes up for its own errors: GPTQ (Frantar et al. 2023, arXiv 2210.17323), on the
matrices of convolutions as well as of linear layers.

Columns are rounded one after the other, and each one's error is spread over the columns that are
still free, such that the layer's outputs change least: for the inverse H of the Gram matrix (plus
damping) with Cholesky factor U, H = UᵀU, the error of column i over U[i, i], times the rest of U's
row i, is subtracted from the columns that follow (equations 2 and 3 in the form of section 3.3,
step 3).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.quantize.grams import Grams
from training.quantize.weights import Quantized, Rounder, round_to_nearest

DAMPING = 0.01  # of the Gram matrix's mean diagonal, as published
BATCH = 128  # columns whose errors reach those after them in one product (section 3.3, step 2)

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

# (columns (out, n), their scales (out, n)) to codes (out, n) and what they stand for
Choose = Callable[[Floats, Floats], tuple[Codes, Floats]]


def compensated(grams: Grams) -> Rounder:
    """A rounder that knows these Gram matrices, by weight (`training.quantize.grams`).

    A weight without one is rounded to nearest.
    """

    def rounder(name: str, weight: NDArray[np.float32], bits: int, block: int | None) -> Quantized:
        plain = round_to_nearest(weight, bits, block)
        return compensate(weight, grams[name], plain) if name in grams else plain

    return rounder


def compensate(weight: NDArray[np.float32], gram: Floats, plain: Quantized) -> Quantized:
    """Other codes for the scales of `plain`, which is `weight` (out, in) rounded to nearest.

    `gram` is float64 (in, in). No row's error in the layer's outputs is above that of `plain`:
    where the greedy order of columns would make it so, the row stays as it is.
    """
    highest = 2 ** (plain.bits - 1) - 1

    def nearest(columns: Floats, scales: Floats) -> tuple[Codes, Floats]:
        steps = np.divide(columns, scales, out=np.zeros_like(columns), where=scales > 0)
        codes = np.clip(np.rint(steps), -highest, highest)
        return codes.astype(np.int8), codes * scales

    codes = feed_back(weight, plain.scales, gram, nearest)
    found = Quantized(codes, plain.scales, plain.bits)
    better = output_error(weight, found, gram) < output_error(weight, plain, gram)
    return Quantized(np.where(better[:, None], codes, plain.codes), plain.scales, plain.bits)


def output_error(weight: NDArray[np.float32], rounded: Quantized, gram: Floats) -> Floats:
    """Squared error of each output (out,) over the inputs that the Gram matrix was made of."""
    error = weight.astype(np.float64) - rounded.dequantize()
    return np.einsum("oi,ij,oj->o", error, gram, error, optimize=True)


def feed_back(
    weight: NDArray[np.float32],
    scales: NDArray[np.float32],
    gram: Floats,
    choose: Choose,
    abreast: int = 1,
) -> Codes:
    """Codes int8 (out, in) for float32 (out, in), so many columns at a time as `choose` finds them.

    `scales` is float32 (out, blocks), `gram` float64 (in, in). Columns that are chosen abreast make
    up for those before them, not for each other (Tseng et al. 2024, QuIP#, arXiv 2402.04396,
    section 4.1).
    """
    columns = weight.shape[1]
    order = np.argsort(-np.diag(gram), kind="stable")  # largest first, while most can make up
    left = weight.astype(np.float64)[:, order]
    spread = np.repeat(scales.astype(np.float64), columns // scales.shape[1], axis=1)[:, order]
    factor = _inverse_factor(gram[np.ix_(order, order)])
    codes = np.zeros(weight.shape, np.int8)
    for first in range(0, columns, BATCH):
        after = min(first + BATCH, columns)
        errors = np.empty((len(weight), after - first))
        for start in range(first, after, abreast):
            end = min(start + abreast, after)
            now = slice(start, end)
            codes[:, order[now]], values = choose(left[:, now], spread[:, now])
            error = np.linalg.solve(factor[now, now].T, (left[:, now] - values).T).T
            errors[:, start - first : end - first] = error
            left[:, end:after] -= error @ factor[now, end:after]
        left[:, after:] -= errors @ factor[first:after, after:]
    return codes


def _inverse_factor(gram: Floats) -> Floats:
    """Upper triangular U with UᵀU the inverse of the damped Gram matrix."""
    damping = DAMPING * np.diag(gram).mean() or 1.0  # all inputs 0: any factor will do
    damped = gram + damping * np.eye(len(gram))
    return np.linalg.cholesky(np.linalg.inv(damped)).T
