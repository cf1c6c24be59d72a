"""How far real pictures are from real pictures: no arm can do better."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training import dataset, metrics
from training.config import TrainConfig
from training.kid import PICTURES
from training.metrics.cache import Arrays, cached, default_folder
from training.seeds import Stream, seeded


@dataclass(frozen=True)
class Floor:
    """FD and 1000 x KID between two halves of the real set, `count` pictures each."""

    count: int
    fd: float
    kid: float


def real_floor(config: TrainConfig) -> Floor:
    """That of the data set at the resolution of a run, with as many pictures as runs are measured
    with, if there are that many; computed once and kept in the metrics' cache."""
    network = metrics.FeatureNetwork(Path(config.metric_features))
    size = config.generator.resolution
    with Path(config.data).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()

    def make() -> Arrays:
        images = dataset.load(Path(config.data), size).images
        shuffled = torch.randperm(len(images), generator=seeded(0, Stream.KID))
        count = min(PICTURES, len(images) // 2)
        pictures = images[shuffled[: 2 * count]].permute(0, 2, 3, 1).numpy()
        features = network(pictures)
        one, other = features[:count], features[count:]
        kid = 1000 * metrics.kernel_distance(one, other)
        return {"floor": np.array([count, metrics.frechet_distance(one, other), kid])}

    made_from = ("floor-1", digest, network.digest, size, PICTURES)
    count, fd, kid = cached(default_folder(), made_from, make)["floor"].tolist()
    return Floor(int(count), fd, kid)
