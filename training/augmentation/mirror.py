"""Pictures continued past their border by their own mirror image: d c b a | a b c d | d c b a."""

from __future__ import annotations

import torch
from torch import Tensor


def mirrored(position: Tensor, size: int) -> Tensor:
    """Where a picture of `size` pixels shows what lies at `position` of its endless continuation.

    Pixel centres are whole numbers; of those, the result is one from 0 to size - 1. Fractions may
    end up half a pixel outside, within [-1, size - 0.5].
    """
    period = position.remainder(2 * size)
    return torch.minimum(period, 2 * size - 1 - period)


def mirror_pad(images: Tensor, margin: int) -> Tensor:
    """(batch, channels, size, size) with `margin` pixels more on each side; any margin will do."""
    size = images.shape[-1]
    index = mirrored(torch.arange(-margin, size + margin, device=images.device), size)
    return images.index_select(2, index).index_select(3, index)
