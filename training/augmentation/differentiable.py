"""Differentiable augmentation with fixed odds: colour, translation and cutout.

Source: Zhao et al. 2020, arXiv 2006.10738.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from training.augmentation.corruption import CUTOUT, erase

SHIFT = 0.125  # largest shift, in parts of the picture


class DifferentiableAugment:
    """Shifts by up to an eighth, always; brightness, saturation and contrast together, and a grey
    square a half as wide, each with a probability of a half.

    What is jittered always is hardly judged: skies then come out pale, at half the contrast of real
    ones. Shifts mirror the picture at its border; against a filled border, the generator gets away
    with a light frame around every picture.
    """

    def __call__(self, images: Tensor) -> Tensor:
        """Every picture gets its own draw."""
        jittered = _choose(_jitter_colour(images), images)
        shifted = _translate(jittered)
        return _choose(_cutout(shifted), shifted)


def _choose(changed: Tensor, images: Tensor) -> Tensor:
    """Each picture of the two batches from one of them, at even odds."""
    chosen = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
    return torch.where(chosen, changed, images)


def _uniform(images: Tensor, low: float, high: float) -> Tensor:
    return torch.empty(len(images), 1, 1, 1, device=images.device).uniform_(low, high)


def _jitter_colour(images: Tensor) -> Tensor:
    images = images + _uniform(images, -0.5, 0.5)
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * _uniform(images, 0, 2)
    level = images.mean(dim=(1, 2, 3), keepdim=True)
    return level + (images - level) * _uniform(images, 0.5, 1.5)


def _translate(images: Tensor) -> Tensor:
    """Integer shifts in both directions; what comes in is the picture's own mirror image."""
    batch, _, height, width = images.shape
    dy, dx = int(height * SHIFT), int(width * SHIFT)
    padded = F.pad(images, (dx, dx, dy, dy), mode="reflect")
    device = images.device
    rows = torch.randint(0, 2 * dy + 1, (batch, 1), device=device) + torch.arange(
        height, device=device
    )
    columns = torch.randint(0, 2 * dx + 1, (batch, 1), device=device) + torch.arange(
        width, device=device
    )
    samples = torch.arange(batch, device=device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[samples, rows[:, :, None], columns[:, None, :]].permute(
        0, 3, 1, 2
    )


def _cutout(images: Tensor) -> Tensor:
    centre = torch.rand(len(images), 2, device=images.device)
    return erase(images, centre, torch.full((len(images), 1), CUTOUT, device=images.device))
