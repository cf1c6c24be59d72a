"""FD and KID of a generator while it trains, to keep the best checkpoint by KID.

The real pictures are taken at the run's own resolution, so the figures are for comparing the ticks
of runs at one resolution; `python -m training metrics` measures against full-size pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from training import metrics
from training.batches import to_float, to_pixels
from training.config import TrainConfig
from training.dataset import SkyData
from training.network import Generator
from training.seeds import Stream, seeded

PICTURES = 1000  # generated, and at most as many real ones
BATCH = 32


class KidProbe:
    """Features of the real pictures, computed once, and the latents that are drawn each time."""

    def __init__(self, config: TrainConfig, data: SkyData) -> None:
        self.network = metrics.FeatureNetwork(Path(config.metric_features))
        random = seeded(config.seed, Stream.KID)
        chosen = torch.randperm(len(data), generator=random)[:PICTURES].to(data.images.device)
        self.real = self.network(to_pixels(to_float(data.images[chosen])))
        self.z = torch.randn(PICTURES, config.generator.z_dim, generator=random)
        drawn = torch.randint(len(data), (PICTURES,), generator=random)
        self.labels = data.labels[drawn.to(data.labels.device)]

    @torch.no_grad()
    def __call__(self, generator: Generator, dtype: torch.dtype) -> dict[str, float]:
        """FD and KID x 1000 of `generator` against the real pictures, as `fd` and `kid`."""
        fakes = []
        classes = generator.config.classes
        for z, labels in zip(self.z.split(BATCH), self.labels.split(BATCH), strict=True):
            c = F.one_hot(labels, classes).float() if classes else None
            images = generator(z.to(labels.device), c, noise="const", dtype=dtype)
            fakes.append(to_pixels(images))
        fake = self.network(np.concatenate(fakes))
        return {
            "fd": metrics.frechet_distance(fake, self.real),
            "kid": 1000 * metrics.kernel_distance(fake, self.real),
        }
