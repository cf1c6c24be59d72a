"""Precision and recall of a set of pictures (Kynkäänniemi et al. 2019, arXiv 1904.06991).

A set's support is the union of balls round its members, each as wide as the distance to its k-th
nearest neighbour in the set. Precision is the share of generated pictures within the support of the
real ones (are they good?), recall the share of real ones within that of the generated ones (is
every kind of picture drawn?). Both depend on the sizes of the sets: compare at equal sizes only.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

from training.metrics.features import Floats

NEIGHBOURS: Final = 3  # k of the paper


def precision(fake: Floats, real: Floats) -> float:
    """Share of the generated features (n, d) within the support of the real ones (m, d)."""
    return _share_within(fake, real)


def recall(fake: Floats, real: Floats) -> float:
    """Share of the real features (m, d) within the support of the generated ones (n, d)."""
    return _share_within(real, fake)


def _share_within(points: Floats, members: Floats) -> float:
    if len(members) <= NEIGHBOURS:
        raise ValueError(f"support of {len(members)} pictures; allowed: more than {NEIGHBOURS}")
    # place 0 of a row is the member itself
    radii = np.partition(euclidean_distances(members), NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    return float((euclidean_distances(points, members) <= radii).any(axis=1).mean())
