"""Weights that are trained as codes times steps: learned step size quantization (LSQ; Esser et al.
2020, arXiv 1902.08153)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from training.quantize.weights import round_to_nearest

SMALLEST_STEP = 1e-8  # of a block of zeros


def quantize(x: Tensor, step: Tensor, highest: int) -> Tensor:
    """The nearest multiple of `step` in ±`highest` steps (equations 1 and 2).

    The gradients are those of the straight-through estimator: for x 1 within the range and 0
    outside, for the step equation 3.
    """
    steps = (x / step).clamp(-highest, highest)
    codes = steps + (steps.round() - steps).detach()
    return codes * step


def scale_gradient(x: Tensor, by: float) -> Tensor:
    """X itself, with its gradient times `by`."""
    return (x - by * x).detach() + by * x


class LearnedSteps(nn.Module):
    """A parametrization: a weight of any shape to the same in codes of `bits` bits.

    Every `block` columns of its matrix (out, the rest) share a step. Steps begin as the scales that
    `round_to_nearest` finds.
    """

    def __init__(self, weight: Tensor, bits: int, block: int) -> None:
        super().__init__()
        self.block, self.highest = block, 2 ** (bits - 1) - 1
        matrix = weight.detach().float().cpu().flatten(1).numpy()
        scales = torch.from_numpy(round_to_nearest(matrix, bits, block).scales)
        self.steps = nn.Parameter(scales.to(weight.device)[:, :, None])
        self.bound(weight)

    def forward(self, weight: Tensor) -> Tensor:
        """Codes times steps, of the weight's shape."""
        gradient = 1 / math.sqrt(self.block * self.highest)  # section 2.2: g for N_W and Q_P
        steps = scale_gradient(self.steps, gradient)
        return quantize(self._blocks(weight), steps, self.highest).reshape(weight.shape)

    @torch.no_grad()
    def bound(self, weight: Tensor) -> None:
        """Keep every step so small that the largest weight of its block has the highest code.

        Then `round_to_nearest` finds steps and codes again in what `forward` gives.
        """
        largest = self._blocks(weight).abs().amax(dim=2, keepdim=True)
        self.steps.copy_(self.steps.minimum(largest / self.highest).clamp(min=SMALLEST_STEP))

    def _blocks(self, weight: Tensor) -> Tensor:
        return weight.flatten(1).unflatten(1, (-1, self.block))
