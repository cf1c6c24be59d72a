"""Codes that say more together: trellis-coded quantization (Marcellin and Fischer 1990), with the
bit-shift trellis and the random table of QTIP (Tseng et al. 2024, arXiv 2406.11235, section 3).

The codes of a column, from row to row, are one stream of bits, and each weight is the entry of a
table at the last `WINDOW` bits up to its own code: neighbours share bits, so that a weight has more
values to choose from than its own bits count. The stream of least squared error is found by the
algorithm of Viterbi (1967). Of normal deviates, 5 bits leave an error of -28.4 dB, and -24.6 where
each is rounded to the nearest of 32 equal steps (Max 1960); no code can do better than -30.1.
"""

from __future__ import annotations

import functools
import statistics
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.quantize.compensate import compensated, feed_back
from training.quantize.grams import Grams
from training.quantize.weights import BLOCK, Quantized, Rounder, block_length, nearest

WINDOW = 12
BITS = (2, 3, 4, 5, 6)  # above, rounding to nearest is good enough
FEWEST_ROWS = 32  # the first ones have little of a stream before them
SPREAD = 1.1  # of the table's entries, against what they stand for: the outermost are picked too
ABREAST = 8  # columns at a time: what is compared stays in the processor's cache

Floats = NDArray[np.float32]


@functools.cache
def table() -> NDArray[np.float16]:
    """Quantiles of the normal distribution, float16 (2 ** WINDOW,), in an order that is random but
    always the same."""
    size = 2**WINDOW
    normal = statistics.NormalDist(0, SPREAD)
    quantiles = np.array([normal.inv_cdf((i + 0.5) / size) for i in range(size)], np.float16)
    return np.random.default_rng(0).permutation(quantiles)


@dataclass(frozen=True)
class TrellisCoded(Quantized):
    """A matrix (out, in) as streams of codes down its columns, times a scale for each row.

    `codes` is int8 (out, in), two's complement numbers of so many bits; `scales` float32 (out, 1).
    """

    def blocks(self) -> NDArray[np.int8]:
        """The codes in the order in which a file stores them: stream by stream, (in, out)."""
        return self.codes.T

    def dequantize(self) -> Floats:
        """The matrix that the codes stand for, float32 (out, in)."""
        codes = self.codes.astype(np.int32) % 2**self.bits
        places = codes.copy()
        for back in range(1, min(predecessors(self.bits) + 1, len(codes))):
            places[back:] += codes[:-back] << (self.bits * back)
        values = table().astype(np.float32)[places % 2**WINDOW]
        return self.scales * values


def trellised(grams: Grams) -> Rounder:
    """A rounder to codes of a trellis, a scale for each row; `grams` are for weights whose errors
    shall make up for each other (`compensate`).

    Weights of other bits than `BITS`, and of fewer rows than `FEWEST_ROWS`, are rounded to nearest,
    the latter in blocks.
    """
    plain = compensated(grams)

    def rounder(name: str, weight: Floats, bits: int, _block: int | None) -> Quantized:
        if not _suits(weight, bits):
            return plain(name, weight, bits, _plain_block(weight, bits))
        scale = row_scales(weight)
        if name not in grams:
            return encode(weight, scale, bits)

        def best(columns: NDArray[np.float64], _scales: object) -> tuple[NDArray[np.int8], Floats]:
            return best_codes(columns.astype(np.float32), scale, bits)

        codes = feed_back(weight, scale, grams[name], best, ABREAST)
        return TrellisCoded(codes, scale, bits)

    return rounder


def draft(name: str, weight: Floats, bits: int, _block: int | None) -> Quantized:
    """What takes as many bytes as that which `trellised` returns, at once."""
    if not _suits(weight, bits):
        return nearest(name, weight, bits, _plain_block(weight, bits))
    return TrellisCoded(np.zeros(weight.shape, np.int8), row_scales(weight), bits)


def _suits(weight: Floats, bits: int) -> bool:
    return bits in BITS and len(weight) >= FEWEST_ROWS


def _plain_block(weight: Floats, bits: int) -> int | None:
    """The block of a weight that a trellis does not suit."""
    return block_length(weight.shape[1], BLOCK) if bits < 8 else None


def predecessors(bits: int) -> int:
    """How many codes before a weight's own reach into its window."""
    return -(-WINDOW // bits) - 1


def row_scales(weight: Floats) -> Floats:
    """Root mean square of each row, float32 (out, 1), as a file stores it."""
    root = np.sqrt(np.square(weight, dtype=np.float64).mean(axis=1, keepdims=True))
    return root.astype(np.float16).astype(np.float32)


def encode(weight: Floats, scale: Floats, bits: int) -> TrellisCoded:
    """Codes of least squared error for float32 (out, in) with scales float32 (out, 1)."""
    codes = np.empty(weight.shape, np.int8)
    for first in range(0, weight.shape[1], ABREAST):
        columns = slice(first, first + ABREAST)
        codes[:, columns], _values = best_codes(weight[:, columns], scale, bits)
    return TrellisCoded(codes, scale, bits)


def best_codes(weight: Floats, scale: Floats, bits: int) -> tuple[NDArray[np.int8], Floats]:
    """Codes int8 (out, in) of least squared error for float32 columns (out, in), and what they
    stand for; `scale` is float32 (out, 1).

    A place in the table is WINDOW bits: the state before a code (all of them but the code's own),
    then the code. The state after it is all but the oldest bits. So the table is (states, codes)
    for what comes before, and (codes, states) for what comes after.
    """
    entries = table().astype(np.float32)
    codes, states = 2**bits, 2 ** (WINDOW - bits)
    rows, columns = weight.shape
    steps = np.divide(weight, scale, out=np.zeros_like(weight), where=scale > 0)
    matters = np.square(scale / (scale.max() or 1))
    least = np.full((rows + 1, columns, states), np.inf, np.float32)  # error of a way to each state
    least[0, :, 0] = 0
    errors = np.empty((columns, codes * states), np.float32)
    after_state = errors.reshape(columns, states, codes)
    into_state = errors.reshape(columns, codes, states)
    for row in range(rows):
        np.subtract(entries, steps[row, :, None], out=errors)
        np.square(errors, out=errors)
        np.multiply(errors, matters[row], out=errors)
        np.add(after_state, least[row, :, :, None], out=after_state)
        np.min(into_state, axis=1, out=least[row + 1])
    places = _way_back(least, steps, matters, codes)
    signed = (places + codes // 2) % codes - codes // 2
    return signed.astype(np.int8), entries[places] * scale


def _way_back(least: Floats, steps: Floats, matters: Floats, codes: int) -> NDArray[np.int64]:
    """The places (rows, columns) on the way to the state of least error."""
    entries = table().astype(np.float32)
    states = len(entries) // codes
    into = np.arange(0, len(entries), states) + np.arange(states)[:, None]  # (states, codes)
    entries_into, before = entries[into], into // codes
    columns = np.arange(steps.shape[1])
    state = least[-1].argmin(axis=1)
    places = np.empty(steps.shape, np.int64)
    for row in reversed(range(len(steps))):
        errors = entries_into[state]
        errors -= steps[row, :, None]
        errors *= errors
        errors *= matters[row]
        errors += least[row, columns[:, None], before[state]]
        places[row] = into[state, errors.argmin(axis=1)]
        state = places[row] // codes
    return places
