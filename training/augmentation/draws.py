"""Random parameters for a batch, each drawn with a probability and neutral otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Draws:
    """Draws for `batch` pictures, from the global random state of `device`.

    With probability `p`, for each picture apart, a draw is what its name says; otherwise it is the
    number that changes nothing: 0, or the factor 1. A draw of several columns takes that chance
    once for all of them.
    """

    batch: int
    p: float
    device: torch.device

    def happens(self) -> Tensor:
        """Whether something is done to each picture: (batch, 1) bool."""
        return torch.rand(self.batch, 1, device=self.device) < self.p

    def integers(self, below: int) -> Tensor:
        """0 <= i < below, all as likely, or 0: (batch, 1) int64."""
        return torch.randint(below, (self.batch, 1), device=self.device) * self.happens()

    def uniform(self, bound: float, columns: int = 1) -> Tensor:
        """Between -bound and bound, or 0: (batch, columns)."""
        between = torch.rand(self.batch, columns, device=self.device) * 2 - 1
        return between * bound * self.happens()

    def normal(self, deviation: float, columns: int = 1) -> Tensor:
        """N(0, deviation²), or 0: (batch, columns)."""
        return torch.randn(self.batch, columns, device=self.device) * deviation * self.happens()

    def log_normal(self, octaves: float) -> Tensor:
        """Factors 2^N(0, octaves²), or 1: (batch, 1)."""
        return torch.exp2(self.normal(octaves))
