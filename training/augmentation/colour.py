"""Colour transforms: brightness, contrast, luma flip, hue and saturation as one affine map.

Source: Karras et al. 2020, arXiv 2006.06676, appendix B, "color transformations".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from training.augmentation.draws import Draws

BRIGHTNESS = 0.2  # deviation of what is added, of a range from -1 to 1
CONTRAST = 0.5  # deviation in octaves
SATURATION = 1.0  # deviation in octaves


def recolour(images: Tensor, draws: Draws) -> Tensor:
    """Change the colours of each picture by its own draws."""
    matrix, offset = colour_map(
        brightness=draws.normal(BRIGHTNESS),
        contrast=draws.log_normal(CONTRAST),
        flip=draws.integers(2),
        hue=draws.uniform(math.pi),
        saturation=draws.log_normal(SATURATION),
    )
    coloured = matrix.to(images.dtype) @ images.flatten(2) + offset.to(images.dtype)[:, :, None]
    return coloured.view_as(images)


def colour_map(
    brightness: Tensor, contrast: Tensor, flip: Tensor, hue: Tensor, saturation: Tensor
) -> tuple[Tensor, Tensor]:
    """Matrix (batch, 3, 3) and offset (batch, 3) that do all five in this order.

    Each is (batch, 1). `flip` 1 mirrors the luma and keeps the chroma, `hue` turns by radians
    around the luma axis, `saturation` scales the distance from it.
    """
    device = brightness.device
    eye = torch.eye(3, device=device)
    luma = torch.full((3, 3), 1 / 3, device=device)  # projection on the axis (1, 1, 1) / sqrt(3)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device) / math.sqrt(3)
    contrast, flip, hue, saturation = (v[:, :, None] for v in (contrast, flip, hue, saturation))
    matrix = (eye - 2 * luma * flip) @ (contrast * eye)
    matrix = (luma + (eye - luma) * hue.cos() + cross * hue.sin()) @ matrix
    matrix = (luma + (eye - luma) * saturation) @ matrix
    return matrix, matrix.sum(dim=2) * brightness
