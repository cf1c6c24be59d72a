"""The average style of each class: what truncation pulls styles towards (Karras et al. 2019, arXiv
1812.04948, section 2.2), so that even at psi 0 a class keeps its looks."""

from __future__ import annotations

import torch
from torch import Tensor

from training.network import Generator

AVERAGE_SAMPLES = 4096  # latents of each class that its average style is taken over


@torch.no_grad()
def class_averages(generator: Generator) -> Tensor:
    """Mean style of each class, (classes, w_dim) float32; one row where there are no classes.

    The latents are always the same, so that every tool truncates to the same average.
    """
    config = generator.config
    z = torch.randn(AVERAGE_SAMPLES, config.z_dim, generator=torch.Generator().manual_seed(0))
    z = z.to(generator.mapping.w_avg.device)
    if not config.classes:
        return generator.mapping(z, None).mean(dim=0, keepdim=True)
    eye = torch.eye(config.classes, device=z.device)
    return torch.stack([generator.mapping(z, c.expand(len(z), -1)).mean(dim=0) for c in eye])
