"""All the figures for one set of pictures against another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.metrics.coverage import precision, recall
from training.metrics.distances import diversity, frechet_distance, kernel_distance
from training.metrics.features import Floats


@dataclass(frozen=True)
class Scores:
    """Of `count` pictures: FD (FID with Inception's features), 1000 x KID, and the rest as is."""

    count: int
    fd: float
    kid: float
    diversity: float
    precision: float
    recall: float


def score(fake: Floats, fake_labels: npt.NDArray[np.int64], real: Floats) -> Scores:
    """Figures of features (n, d) and their classes (n,) against the real set's features (m, d)."""
    return Scores(
        count=len(fake),
        fd=frechet_distance(fake, real),
        kid=1000 * kernel_distance(fake, real),
        diversity=diversity(fake, fake_labels),
        precision=precision(fake, real),
        recall=recall(fake, real),
    )
