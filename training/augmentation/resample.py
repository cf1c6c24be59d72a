"""Affine resampling at twice the resolution, so that a rotated picture keeps its detail.

As published (Karras et al. 2020, arXiv 2006.06676, appendix B): the picture is doubled in size by
the low-pass filter of an orthogonal wavelet, sampled there bilinearly, and halved by the same
filter reversed, which returns an untransformed picture exactly. Two things differ. Positions
outside the picture are mirrored back into it, where the published code pads it by as much as the
farthest position needs, up to 36 times the memory. And the doubled pixels are taken to lie where
the filter's centre of mass says, not half way between the picture's: sym6 is not symmetric, and
turned pictures would shift by a fifth of a pixel.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from training.augmentation.mirror import mirrored
from training.augmentation.sample import sample

# the scaling filter of the symlet with six vanishing moments (Daubechies 1992, section 8.1)
SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
CENTRE = sum(i * tap for i, tap in enumerate(SYM6)) / sum(SYM6)  # of mass, 5.1
MARGIN = len(SYM6) // 2  # mirrored pixels around the picture that doubling adds
REACH = 3  # pixels by which halving looks beyond the picture


def warp(images: Tensor, linear: Tensor, shift: Tensor) -> Tensor:
    """Pictures whose pixel at p, counted from the centre, shows the source at linear (p - shift).

    `linear` is (batch, 2, 2) and `shift` (batch, 2), x before y, in pixels. Gradients of gradients
    flow to `images`; none flow to the transforms.
    """
    batch, _, _, size = images.shape
    doubled = double(images)
    count = 2 * size + len(SYM6) - 2  # doubled pixels that `halve` turns into `size`
    middle = (size - 1) / 2
    line = (torch.arange(count, dtype=images.dtype, device=images.device) - CENTRE) / 2 - middle
    y, x = torch.meshgrid(line, line, indexing="ij")
    points = torch.stack([x, y], dim=-1).view(1, -1, 2) - shift.to(images.dtype)[:, None]
    positions = points @ linear.to(images.dtype).transpose(1, 2) + middle
    # close to the border the margin shows more exactly what mirroring does
    near = (positions >= -REACH) & (positions <= size - 1 + REACH)
    positions = torch.where(near, positions, mirrored(positions, size))
    samples = (2 * (positions + MARGIN) + CENTRE) * (2 / (doubled.shape[-1] - 1)) - 1
    grid = samples.view(batch, count, count, 2)
    return halve(sample(doubled, grid))


def double(images: Tensor) -> Tensor:
    """(batch, channels, n, n) to 2 n + 34 pixels a side, those of the mirrored margin with them;
    pixel j lies at (j - CENTRE) / 2 - MARGIN."""
    matrix = _doubling(images)
    return matrix @ images @ matrix.t()


def halve(images: Tensor) -> Tensor:
    """(batch, channels, 2 n + 10, 2 n + 10) to n pixels a side; undoes `double` without margin."""
    size = (images.shape[-1] - len(SYM6) + 2) // 2
    matrix = _spread(images, size).t() * math.sqrt(0.5)
    return matrix @ images @ matrix.t()


def _doubling(images: Tensor) -> Tensor:
    """(2 n + 34, n): margin and filter of one axis, which is much quicker than a convolution of so
    few channels."""
    size = images.shape[-1]
    spread = _spread(images, size + 2 * MARGIN) * math.sqrt(2)
    source = mirrored(torch.arange(-MARGIN, size + MARGIN, device=images.device), size)
    return spread.new_zeros(len(spread), size).index_add_(1, source, spread)


def _spread(images: Tensor, size: int) -> Tensor:
    """(2 size + 10, size): each pixel as the filter's taps, two apart from its neighbour's."""
    pixels = torch.arange(size, device=images.device)[:, None]
    rows = 2 * pixels + torch.arange(len(SYM6), device=images.device)
    matrix = images.new_zeros(2 * size + len(SYM6) - 2, size)
    matrix[rows, pixels] = images.new_tensor(SYM6)
    return matrix
