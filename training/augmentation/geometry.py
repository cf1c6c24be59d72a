"""General geometric transforms: scaling, rotation and fractional translation, in one resampling.

Source: Karras et al. 2020, arXiv 2006.06676, appendix B, "general geometric transformations".
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from training.augmentation.draws import Draws
from training.augmentation.resample import warp

SCALE = 0.2  # deviation of both scalings, in octaves
SHIFT = 0.125  # deviation of the shift, in parts of the picture


def transform(images: Tensor, draws: Draws) -> Tensor:
    """Scale, turn, stretch, turn again and shift each picture by its own draws."""
    return warp(images, *draw_transform(draws, images.shape[-1]))


def draw_transform(draws: Draws, size: int) -> tuple[Tensor, Tensor]:
    """The map from each pixel of the result to its source, as `warp` takes it.

    The inverses of all factors are distributed as the factors are, so they are drawn as such.
    """
    # two rotations, each with a probability that makes p for either of them
    turns = replace(draws, p=1 - math.sqrt(1 - draws.p))
    scale, stretch = draws.log_normal(SCALE), draws.log_normal(SCALE)
    linear = torch.diag_embed(scale.expand(-1, 2)) @ rotation(turns.uniform(math.pi))
    linear = linear @ torch.diag_embed(torch.cat([stretch, 1 / stretch], dim=1))
    linear = linear @ rotation(turns.uniform(math.pi))
    return linear, draws.normal(SHIFT, columns=2) * size


def rotation(angle: Tensor) -> Tensor:
    """Matrices (batch, 2, 2) that turn by `angle` (batch, 1), in radians, from x towards y."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([torch.cat([cos, -sin], dim=1), torch.cat([sin, cos], dim=1)], dim=1)
