"""What the frozen network looks at: pictures of its own size, whatever their resolution."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FEATURE_SIZE = 128  # at 64 the frozen features say less, at 256 they take four times as long


def views(images: Tensor) -> Tensor:
    """Pictures (batch, 3, size, size) as (batch, 3, FEATURE_SIZE, FEATURE_SIZE), smaller ones
    enlarged.

    Of larger ones, every second is seen as a whole, shrunk, and the others through a window of full
    detail at a random place: layout and detail for the price of one look.
    """
    size = images.shape[-1]
    if size < FEATURE_SIZE:
        images = F.interpolate(images, size=FEATURE_SIZE, mode="bilinear", align_corners=False)
    elif size > FEATURE_SIZE:
        whole = F.adaptive_avg_pool2d(images[0::2], FEATURE_SIZE)
        order = torch.arange(len(images), device=images.device)
        turns = torch.cat([order[0::2], order[1::2]]).argsort()
        images = torch.cat([whole, _windows(images[1::2])])[turns]
    return images.contiguous(memory_format=torch.channels_last)


def kinds(resolution: int) -> int:
    """Of how many kinds the views of pictures are: 2 with windows, else 1."""
    return 2 if resolution > FEATURE_SIZE else 1


def split_classes(c: Tensor) -> Tensor:
    """One-hot classes (batch, classes) as (batch, 2 * classes): a window of a cloud is another
    class than the whole of it."""
    whole = torch.arange(len(c), device=c.device)[:, None] % 2 == 0
    return torch.cat([c * whole, c * ~whole], dim=1)


def _windows(images: Tensor) -> Tensor:
    batch, _, size, _ = images.shape
    device, span = images.device, torch.arange(FEATURE_SIZE, device=images.device)
    rows, columns = (
        torch.randint(0, size - FEATURE_SIZE + 1, (batch, 1), device=device) + span
        for _ in range(2)
    )
    samples = torch.arange(batch, device=device)[:, None, None]
    cut = images.permute(0, 2, 3, 1)[samples, rows[:, :, None], columns[:, None, :]]
    return cut.permute(0, 3, 1, 2)
