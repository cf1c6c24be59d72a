"""Pixel blitting: flips, quarter turns and whole-pixel shifts, which copy pixels and change none.

Source: Karras et al. 2020, arXiv 2006.06676, appendix B, "pixel blitting".
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.augmentation.draws import Draws
from training.augmentation.mirror import mirrored

SHIFT = 0.125  # largest shift, in parts of the picture


def blit(images: Tensor, draws: Draws) -> Tensor:
    """Flip at even odds, turn by any number of quarters, shift by up to an eighth."""
    shift = (draws.uniform(SHIFT, columns=2) * images.shape[-1]).round().long()
    return copy_pixels(images, draws.integers(2), draws.integers(4), shift)


def copy_pixels(images: Tensor, flip: Tensor, quarters: Tensor, shift: Tensor) -> Tensor:
    """Flip left and right where `flip` (batch, 1) is 1, turn counter-clockwise by `quarters`
    (batch, 1), then move right and down by `shift` (batch, 2); what comes in is mirrored."""
    size = images.shape[-1]
    grid = torch.arange(size, device=images.device)
    # doubled distances from the centre of the picture are whole numbers, and turn as vectors do
    x, y = (2 * mirrored(grid - shift[:, axis, None], size) - (size - 1) for axis in (0, 1))
    x, y = x[:, None, :], y[:, :, None]
    cos = torch.tensor([1, 0, -1, 0], device=images.device)[quarters][:, :, None]
    sin = torch.tensor([0, 1, 0, -1], device=images.device)[quarters][:, :, None]
    x, y = (cos * x - sin * y) * (1 - 2 * flip[:, :, None]), sin * x + cos * y
    source = (y + size - 1) // 2 * size + (x + size - 1) // 2
    channels = images.shape[1]
    index = source.flatten(1)[:, None].expand(-1, channels, -1)
    return images.flatten(2).gather(2, index).view_as(images)
