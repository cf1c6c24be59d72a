"""How far a model's pictures are from another one's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skyserver.model import SkyModel
from training.quantize.latents import Feed, OnStep

LEAST = 1e-20  # squared error of equal pictures, so that their PSNR is a number: 200 dB


@dataclass(frozen=True)
class Error:
    """Differences of pictures whose values are in [0, 1].

    `squared` is the mean over all values of all pictures, `largest` the largest of a value.
    """

    squared: float
    largest: float

    @property
    def psnr(self) -> float:
        """Peak signal to noise ratio in dB, of the mean squared error and a peak of 1."""
        return -10 * math.log10(max(self.squared, LEAST))

    @property
    def levels(self) -> float:
        """Root mean square in levels of 255."""
        return 255 * math.sqrt(self.squared)


def measure(
    model: SkyModel,
    reference: SkyModel,
    feeds: Sequence[Feed],
    on_step: OnStep = lambda _done, _total: None,
) -> Error:
    """Error of a model's pictures of the same inputs as the reference's."""
    squares, largest = [], 0.0
    for done, feed in enumerate(feeds):
        on_step(done, len(feeds))
        difference = np.abs(_draw(model, feed) - _draw(reference, feed))
        squares.append(np.square(difference, dtype=np.float64).mean())
        largest = max(largest, float(difference.max()))
    return Error(float(np.mean(squares)), largest)


def _draw(model: SkyModel, feed: Feed) -> NDArray[np.float32]:
    return model.run(feed["z"], feed["c"][0], float(feed["psi"][0]))
