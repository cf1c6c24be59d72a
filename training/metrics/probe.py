"""Does a picture show the class that it was asked for? A linear probe on the features judges.

Logistic regression on standardised features, trained on the real set. On real pictures its rate is
taken by cross-validation, each judged by a probe that has not seen it, and that rate, not 100 %, is
what generated pictures are to be compared with: cloud types are hard to tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from training.metrics.features import Floats

Labels = npt.NDArray[np.int64]

FOLDS: Final = 5
STRENGTH: Final = 0.003  # C: of 1e-4 ... 1e-2 the best on CCSN, on a flat optimum


@dataclass(frozen=True)
class Obedience:
    """Share of pictures whose class the probe names first, and among its first three."""

    top1: float
    top3: float


def train(features: Floats, labels: Labels) -> Pipeline:
    """Fit a probe to features (n, d) and the classes (n,) of all the real pictures."""
    model = LogisticRegression(C=STRENGTH, max_iter=500)
    probe: Pipeline = make_pipeline(StandardScaler(), model).fit(features, labels)
    return probe


def probabilities(probe: Pipeline, features: Floats) -> Floats:
    """Judge features (n, d): a column for each class that the probe was trained on, in order."""
    judged: Floats = probe.predict_proba(features)
    return judged


def held_out(features: Floats, labels: Labels, seen: Sequence[Floats], seed: int) -> list[Floats]:
    """Probabilities (n, classes) of every real picture by a probe trained without it.

    `seen` are the features (n, d) that are judged, one set after the other: those of the same
    pictures, or of the same pictures after something was done to them.

    Raises ValueError for a class with fewer pictures than there are folds.
    """
    smallest = np.bincount(labels).min()
    if smallest < FOLDS:
        raise ValueError(f"a class of {smallest} pictures; allowed: at least {FOLDS}")
    judged = [np.empty((len(labels), len(np.unique(labels)))) for _ in seen]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for rest, fold in folds.split(features, labels):
        probe = train(features[rest], labels[rest])
        for result, points in zip(judged, seen, strict=True):
            result[fold] = probabilities(probe, points[fold])
    return judged


def obedience(judged: Floats, labels: Labels) -> Obedience:
    """Rates of the probabilities (n, classes) against the classes (n,) that were wanted."""
    ranking = np.argsort(-judged, axis=1)
    hits = ranking == labels[:, None]
    return Obedience(float(hits[:, 0].mean()), float(hits[:, :3].any(axis=1).mean()))
