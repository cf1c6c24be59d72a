"""Is the model copying? The real pictures nearest to generated ones, as distances and as a picture.

A model that repeats its training set draws pictures that lie nearer to a training picture than real
pictures lie to each other. The real set's own distances are each picture's to the nearest other
one, so that both are taken to a set of (almost) the same size. Pictures that are all alike or lack
detail lie near too: look at the picture before crying copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from sklearn.neighbors import NearestNeighbors

from training.metrics.features import Floats, Pictures

SHOWN: Final = 3  # neighbours beside a sample
TILE: Final = 96  # pixels
GAP: Final = 6
CAPTION: Final = 14
SUSPECT_QUANTILE: Final = 0.05


@dataclass(frozen=True)
class Nearness:
    """Distances of generated pictures to the nearest real one, and of real ones to the nearest
    other: the median and the smallest.

    `suspect` is the share of generated pictures that are nearer than 95 % of real ones are: about
    0.05 for a set like the real one.
    """

    median: float
    smallest: float
    real_median: float
    real_smallest: float
    suspect: float


@dataclass(frozen=True)
class Neighbours:
    """Distances (n, k) to the nearest real pictures, nearest first, and their indices (n, k)."""

    distances: Floats
    indices: npt.NDArray[np.int64]


def nearest(fake: Floats, real: Floats) -> Neighbours:
    """Find the real pictures nearest to generated ones by their features (n, d) and (m, d)."""
    finder = NearestNeighbors(n_neighbors=SHOWN, algorithm="brute").fit(real)
    return Neighbours(*finder.kneighbors(fake))


def nearness(found: Neighbours, real: Floats) -> Nearness:
    """Compare with the distances of every real picture to the nearest other one."""
    finder = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(real)
    own = finder.kneighbors()[0][:, 0]  # without an argument, the picture itself is left out
    near = found.distances[:, 0]
    return Nearness(
        median=float(np.median(near)),
        smallest=float(near.min()),
        real_median=float(np.median(own)),
        real_smallest=float(own.min()),
        suspect=float((near < np.quantile(own, SUSPECT_QUANTILE)).mean()),
    )


def contact_sheet(
    samples: Pictures,
    labels: npt.NDArray[np.int64],
    codes: Sequence[str],
    found: Neighbours,
    real: Pictures,
) -> Image.Image:
    """Of each class the sample that lies nearest to a real picture, and its three neighbours.

    `samples` and `real` are (n, height, width, 3) uint8, `codes` name the classes. Two classes
    stand in a row.
    """
    closest = [_closest(labels, label, found) for label in np.unique(labels)]
    width, height = (1 + SHOWN) * TILE + 2 * GAP, TILE + CAPTION + GAP
    sheet = Image.new("RGB", (2 * width + GAP, (len(closest) + 1) // 2 * height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, sample in enumerate(closest):
        left, top = GAP + place % 2 * width, GAP + place // 2 * height
        distances = "  ".join(f"{distance:.1f}" for distance in found.distances[sample])
        draw.text((left, top), f"{codes[labels[sample]]}: {distances}", fill="black")
        row = [samples[sample], *real[found.indices[sample]]]
        for column, pixels in enumerate(row):
            tile = Image.fromarray(pixels).resize((TILE, TILE), Image.Resampling.LANCZOS)
            x = left + column * TILE + (GAP if column else 0)
            sheet.paste(tile, (x, top + CAPTION))
    return sheet


def _closest(labels: npt.NDArray[np.int64], label: int, found: Neighbours) -> int:
    members = np.flatnonzero(labels == label)
    return int(members[found.distances[members, 0].argmin()])
