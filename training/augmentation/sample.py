"""Bilinear sampling whose gradient can be differentiated again, which R1 asks of augmentation.

`F.grid_sample` alone can do so only in recent versions of torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

BILINEAR, ZEROS = 0, 0  # what aten calls the interpolation, and the padding


def sample(images: Tensor, grid: Tensor) -> Tensor:
    """Pictures (batch, channels, n, n) at the points of `grid` (batch, height, width, 2), x before
    y, from -1 in the first pixel's centre to 1 in the last one's.

    Gradients of any order flow to `images`; none flow to `grid`.
    """
    sampled: Tensor = _Sample.apply(images, grid)
    return sampled


class _Sample(torch.autograd.Function):
    """Linear in the pictures, so its derivative is its adjoint, whose derivative is itself."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        return F.grid_sample(images, grid, mode="bilinear", align_corners=True)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Scatter.apply(gradient, *ctx.saved_tensors, ctx.shape), None


class _Scatter(torch.autograd.Function):
    """The adjoint: add values to the pixels that they would be sampled from."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        pictures = values.new_zeros(1).expand(shape)  # only their shape counts
        scattered: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            values, pictures, grid, BILINEAR, ZEROS, True, [True, False]
        )[0]
        return scattered

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _Sample.apply(gradient, *ctx.saved_tensors), None, None
