"""Perceptual path length: how evenly pictures change along a walk between two latents.

Karras et al. 2019, arXiv 1812.04948, section 4.1, equation 2, in z: the expected distance of two
pictures a step of `EPSILON` apart on the great circle between two latents of one class, divided by
the step squared. Small is smooth. The published distance is LPIPS on VGG-16; here it has LPIPS'
form, the squared distance of features of unit length (Zhang et al. 2018, arXiv 1801.03924), on the
pooled features of the network given. So it compares models under one network, not with papers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from skyserver.model import SkyModel
from training.metrics.features import FeatureNetwork, Floats
from training.metrics.samples import draw

EPSILON: Final = 1e-4
KEPT_PERCENTILES: Final = (1, 99)  # the published figure leaves the extremes out


def path_length(
    model: SkyModel,
    network: FeatureNetwork,
    labels: npt.NDArray[np.int64],
    psi: float,
    seed: int,
    on_batch: Callable[[int], None] = lambda _: None,
) -> float:
    """Mean over a walk for each label (n,), without the lowest and the highest hundredth."""
    rng = np.random.default_rng(seed)
    lengths = []
    for label in labels:
        start, end = rng.standard_normal((2, model.info.z_dim))
        t = rng.random()
        steps = np.stack(
            [_on_great_circle(start, end, t), _on_great_circle(start, end, t + EPSILON)]
        )
        features = network(draw(model, steps.astype(np.float32), int(label), psi))
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        lengths.append(((features[1] - features[0]) ** 2).sum() / EPSILON**2)
        on_batch(1)
    low, high = np.percentile(lengths, KEPT_PERCENTILES)
    return float(np.mean([length for length in lengths if low <= length <= high]))


def _on_great_circle(start: Floats, end: Floats, t: float) -> Floats:
    """Spherical interpolation (Shoemake 1985) of directions, at the length that latents have."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    across = b - (a @ b) * a
    angle = t * np.arccos(a @ b)
    direction: Floats = a * np.cos(angle) + across / np.linalg.norm(across) * np.sin(angle)
    return direction * np.sqrt(len(start))
