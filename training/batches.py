"""What each step of a run sees: real pictures, and latents and classes to draw.

Everything is a function of the seed and of the position in the run, nothing is kept between steps:
a run that is resumed goes on exactly, and every process of a run can find its part of the same
batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from training.dataset import SkyData
from training.seeds import Stream, seeded


@dataclass(frozen=True)
class Batch:
    """Pictures `reals` (n, 3, r, r) in [-1, 1] with classes `c_real` (n, classes), one-hot, and
    latents `z` (n, z_dim) with classes `c_fake`, drawn as often as the data set has them.

    Classes are None for an unconditional model.
    """

    reals: Tensor
    c_real: Tensor | None
    z: Tensor
    c_fake: Tensor | None


class Batches:
    """Endless batches of `size`: every picture once in each pass, each pass shuffled anew, half of
    the pictures mirrored.

    Of each batch this process gets the samples of `part`, indices into it.
    """

    def __init__(
        self, data: SkyData, classes: int, z_dim: int, size: int, seed: int, part: Tensor
    ) -> None:
        self.data, self.classes, self.z_dim = data, classes, z_dim
        self.size, self.seed, self.part = size, seed, part
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def at(self, shown: int) -> Batch:
        """The batch of a step that begins after `shown` real pictures."""
        device = self.data.images.device
        chosen = self._indices(shown)[self.part].to(device)
        mirrored = torch.rand(self.size, generator=seeded(self.seed, Stream.FLIP, shown)) < 0.5
        images = self.data.images[chosen]
        images = torch.where(
            mirrored[self.part, None, None, None].to(device), images.flip(3), images
        )
        draws = seeded(self.seed, Stream.LATENTS, shown)
        z = torch.randn(self.size, self.z_dim, generator=draws)
        drawn = torch.randint(len(self.data), (self.size,), generator=draws)
        c_real, c_fake = (
            self._one_hot(self.data.labels[rows]) for rows in (chosen, drawn[self.part].to(device))
        )
        return Batch(to_float(images), c_real, z[self.part].to(device), c_fake)

    def _indices(self, shown: int) -> Tensor:
        first, last = (position // len(self.data) for position in (shown, shown + self.size - 1))
        passes = torch.cat([self._order(number) for number in range(first, last + 1)])
        start = shown - first * len(self.data)
        return passes[start : start + self.size]

    def _shuffled(self, number: int) -> Tensor:
        return torch.randperm(len(self.data), generator=seeded(self.seed, Stream.ORDER, number))

    def _one_hot(self, labels: Tensor) -> Tensor | None:
        return F.one_hot(labels, self.classes).float() if self.classes else None


def to_float(images: Tensor) -> Tensor:
    """Pictures of uint8 to [-1, 1]."""
    return images.float() / 127.5 - 1


def to_pixels(images: Tensor) -> NDArray[np.uint8]:
    """Pictures (n, 3, h, w) in about [-1, 1] to (n, h, w, 3) uint8."""
    scaled = images.float().clamp(-1, 1).add(1).mul(127.5).round().byte()
    return scaled.permute(0, 2, 3, 1).cpu().numpy()
