"""A walk through latent space from sky to sky and back to the first."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.looking.sampler import Sampler
from training.looking.source import Source

SPACES = ("z", "w")


def walk(sampler: Sampler, stops: Sequence[Source], frames: int, psi: float, space: str) -> Tensor:
    """Styles (frames, w_dim) of a closed walk past all stops, the same time between any two.

    In "z" the latents turn on the sphere that the mapping network normalises them to, and the class
    weights go over linearly, so that every frame is a sky that the model knows; in "w" the styles
    go straight. The frame after the last would be the first: a player that loops shows no seam.
    """
    position = torch.arange(frames, device=sampler.device) * len(stops) / frames
    start = position.long()
    end = (start + 1) % len(stops)
    t = (position - start)[:, None]
    c = torch.stack([sampler.weights(stop.code) for stop in stops])
    z = torch.stack([sampler.latent(stop.seed) for stop in stops])
    if space == "w":
        w = sampler.styles(z, c, psi)
        return w[start].lerp(w[end], t)
    return sampler.styles(slerp(z[start], z[end], t), c[start].lerp(c[end], t), psi)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Spherical linear interpolation (Shoemake 1985) of directions (n, d) by t (n, 1) in [0, 1]."""
    a, b = (x / x.norm(dim=1, keepdim=True) for x in (a, b))
    angle = (a * b).sum(dim=1, keepdim=True).clamp(-1, 1).acos()
    turned = (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()
    return torch.where(angle > 1e-3, turned, a.lerp(b, t))  # sin 0 / sin 0 for equal seeds
