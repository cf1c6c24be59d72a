"""Regularisation of both networks: style mixing, R1, path length, and how often the last two are
paid for.

References: [1] Karras et al. 2019, arXiv 1812.04948 (style mixing). [2] Karras et al. 2020, arXiv
1912.04958 (path length, lazy regularisation). [3] Mescheder et al. 2018, arXiv 1801.04406 (R1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from training import distributed
from training.network import Generator

ADAM_BETAS = (0.0, 0.99)
R1_INTERVAL = 16  # steps; lazy regularisation [2, app. B] pays every so often, and as much more
PATH_INTERVAL = 4  # steps
PATH_DECAY = 0.01  # by which the mean path length follows that of a batch


def lazy_adam(parameters: Iterable[nn.Parameter], rate: float, interval: int) -> torch.optim.Adam:
    """Adam for a loss at each step and a penalty at every `interval`-th, 0 for none [2, app. B].

    The penalty makes a step more in each interval, so rate and memory shrink to match.
    """
    ratio = interval / (interval + 1) if interval else 1.0
    betas = (ADAM_BETAS[0] ** ratio, ADAM_BETAS[1] ** ratio)
    return torch.optim.Adam(parameters, lr=rate * ratio, betas=betas)


def mixed_styles(generator: Generator, z: Tensor, c: Tensor | None, probability: float) -> Tensor:
    """Styles ws (batch, num_ws, w_dim) of latents z (batch, z_dim).

    With `probability` the layers of a sample from a random one on get the style of a second latent
    [1, section 3.1]; the first layer keeps the first.
    """
    layers = generator.config.num_ws
    first: Tensor = generator.mapping(z, c)[:, None].expand(-1, layers, -1)
    if not probability:
        return first
    second = generator.mapping(torch.randn_like(z), c)[:, None]
    crossover = torch.randint(1, layers, (len(z), 1), device=z.device)
    mixed = torch.rand(len(z), 1, device=z.device) < probability
    later = torch.arange(layers, device=z.device) >= crossover
    return torch.where((mixed & later)[:, :, None], second, first)


def gradient_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """R1 [3, eq. 9] without its weight: the mean squared norm of the gradient that `logits`, any
    number for each picture, have on `images` (batch, 3, r, r)."""
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def path_lengths(images: Tensor, ws: Tensor) -> Tensor:
    """|J_w^T y| of each picture (batch,), y one draw of N(0, 1 / pixels): how far a step in w, of
    (batch, layers, w_dim), moves it; the mean square over layers."""
    noise = torch.randn_like(images) / math.sqrt(images.shape[2] * images.shape[3])
    (gradient,) = torch.autograd.grad((images * noise).sum(), ws, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()


class PathLengthPenalty:
    """E (|J_w^T y| - a)² [2, eq. 4], a the moving average of the lengths: steps of one size in w
    should change pictures by one amount."""

    def __init__(self, device: torch.device) -> None:
        self.mean = torch.zeros([], device=device)

    def __call__(self, images: Tensor, ws: Tensor) -> Tensor:
        """The penalty, without its weight, of pictures that were drawn from styles `ws`."""
        lengths = path_lengths(images, ws)
        self.mean = self.mean.lerp(distributed.mean(lengths.detach().mean()), PATH_DECAY)
        return (lengths - self.mean).square().mean()
