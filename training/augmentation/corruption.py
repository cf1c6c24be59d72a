"""Additive noise and cutout.

Source: Karras et al. 2020, arXiv 2006.06676, appendix B, "image-space corruptions".
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.augmentation.draws import Draws

NOISE = 0.1  # deviation of the half-normal distribution that the noise's own is drawn from
CUTOUT = 0.5  # edge of the square, in parts of the picture's


def add_noise(images: Tensor, draws: Draws) -> Tensor:
    """White noise, of another strength in each picture."""
    return images + torch.randn_like(images) * draws.normal(NOISE).abs()[:, :, None, None]


def cut_out(images: Tensor, draws: Draws) -> Tensor:
    """A grey square a half as wide as the picture, its centre anywhere in it."""
    centre = torch.rand(len(images), 2, device=images.device)
    return erase(images, centre, CUTOUT * draws.happens())


def erase(images: Tensor, centre: Tensor, edge: Tensor) -> Tensor:
    """Set a square to zero: `centre` (batch, 2), x before y, and `edge` (batch, 1) in parts of the
    picture's size."""
    size = images.shape[-1]
    line = (torch.arange(size, device=images.device) + 0.5) / size
    x, y = ((line - centre[:, axis, None]).abs() < edge / 2 for axis in (0, 1))
    inside = y[:, :, None] & x[:, None, :]
    return images * ~inside[:, None]
