"""Augmentation of what the discriminator sees, differentiable, with the same odds for reals and
fakes.

`DifferentiableAugment`: Zhao et al. 2020, arXiv 2006.10738 (colour, translation, cutout).
`AdaptiveAugment`: Karras et al. 2020, arXiv 2006.06676 (geometry and colour, each applied with
probability p, and p steered by how often the discriminator is right about reals). Pictures are
(batch, 3, height, width) in [-1, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DifferentiableAugment(nn.Module):
    """Shifts by up to an eighth, always; brightness, saturation and contrast together, and a grey
    square a half as wide, each with a probability of a half.

    What is jittered always is hardly judged: skies then come out pale, at half the contrast of real
    ones. Shifts mirror the picture at its border; against a filled border, the generator gets away
    with a light frame around every picture.
    """

    def forward(self, images: Tensor) -> Tensor:
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


def _translate(images: Tensor, ratio: float = 0.125) -> Tensor:
    """Integer shifts in both directions; what comes in is the picture's own mirror image."""
    batch, _, height, width = images.shape
    dy, dx = int(height * ratio), int(width * ratio)
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


def _cutout(images: Tensor, ratio: float = 0.5) -> Tensor:
    batch, _, height, width = images.shape
    device = images.device
    centre_y = torch.rand(batch, 1, 1, device=device) * height
    centre_x = torch.rand(batch, 1, 1, device=device) * width
    y = torch.arange(height, device=device)[None, :, None] + 0.5
    x = torch.arange(width, device=device)[None, None, :] + 0.5
    inside = ((y - centre_y).abs() < height * ratio / 2) & (
        (x - centre_x).abs() < width * ratio / 2
    )
    return images * (~inside)[:, None]


class AdaptiveAugment(nn.Module):
    """The geometric and colour parts of ADA's pipeline, with a probability `p` that follows
    overfitting.

    `update` moves p so that the mean sign of the discriminator's logits on reals stays at `target`
    [eq. 1 of the paper]; p can travel from 0 to 1 within `speed_kimg`.
    """

    p: Tensor

    def __init__(self, target: float = 0.6, speed_kimg: float = 500.0) -> None:
        super().__init__()
        self.target, self.speed_kimg = target, speed_kimg
        self.register_buffer("p", torch.zeros([]))

    def update(self, real_logits: Tensor) -> None:
        """Adjust p after a batch of logits on reals."""
        sign = real_logits.detach().sign().mean()
        step = len(real_logits) / (self.speed_kimg * 1000)
        self.p.add_((sign - self.target).sign() * step).clamp_(0, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Augment each picture with its own draws; p = 0 leaves all alone."""
        if self.p == 0:
            return images
        return self._colour(self._geometry(images))

    def _chosen(self, batch: int) -> Tensor:
        """One for each picture that an operation is applied to, zero for the others."""
        return (torch.rand(batch, device=self.p.device) < self.p).float()

    def _normal(self, batch: int, std: float) -> Tensor:
        return torch.randn(batch, device=self.p.device) * std * self._chosen(batch)

    def _within(self, batch: int, bound: float) -> Tensor:
        return (torch.rand(batch, device=self.p.device) * 2 - 1) * bound * self._chosen(batch)

    def _coin(self, batch: int) -> Tensor:
        return (torch.rand(batch, device=self.p.device) < 0.5).float() * self._chosen(batch)

    def _geometry(self, images: Tensor) -> Tensor:
        """Flips, quarter turns, shifts, isotropic and anisotropic scale, rotation [app. B]."""
        batch, _, height, width = images.shape
        flip = 1 - 2 * self._coin(batch)
        quarter = torch.randint(0, 4, (batch,), device=images.device) * self._chosen(batch)
        scale = torch.exp2(self._normal(batch, 0.2))
        stretch = torch.exp2(self._normal(batch, 0.2))
        # two rotations around the stretch, each with a probability that makes p for either of them
        turned = torch.rand(2, batch, device=images.device) < 1 - torch.sqrt(1 - self.p)
        before, after = (torch.rand(2, batch, device=images.device) * 2 - 1) * math.pi * turned
        shift = [self._within(batch, 0.25) + self._normal(batch, 0.25) for _ in range(2)]

        linear = _rotation(before) @ _scaling(stretch, 1 / stretch) @ _rotation(after)
        linear = linear @ _scaling(scale * flip, scale) @ _rotation(quarter * (math.pi / 2))
        theta = torch.cat([linear, torch.stack(shift, dim=1)[:, :, None]], dim=2)
        grid = F.affine_grid(theta, [batch, 3, height, width], align_corners=False)
        mode, padding = "bilinear", "reflection"
        return F.grid_sample(images, grid, mode=mode, padding_mode=padding, align_corners=False)

    def _colour(self, images: Tensor) -> Tensor:
        """Brightness, contrast, luma flip, hue and saturation as one affine map [app. B]."""
        batch, device = len(images), images.device
        eye = torch.eye(3, device=device)
        axis = torch.full((3, 1), 1 / math.sqrt(3), device=device)
        luma = axis @ axis.t()
        cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device) / math.sqrt(3)

        angle = self._within(batch, math.pi)[:, None, None]
        contrast = torch.exp2(self._normal(batch, 0.5))[:, None, None] * eye
        luma_flip = eye - 2 * luma * self._coin(batch)[:, None, None]
        hue = luma + (eye - luma) * angle.cos() + cross * angle.sin()
        saturation = luma + (eye - luma) * torch.exp2(self._normal(batch, 1.0))[:, None, None]
        matrix = saturation @ hue @ luma_flip @ contrast
        brightened = images + self._normal(batch, 0.2)[:, None, None, None]
        return torch.einsum("bij,bjhw->bihw", matrix, brightened)


def _scaling(x: Tensor, y: Tensor) -> Tensor:
    """Matrices (batch, 2, 2) that scale the axes."""
    return torch.diag_embed(torch.stack([x, y], dim=1))


def _rotation(angle: Tensor) -> Tensor:
    """Matrices (batch, 2, 2) that turn by `angle` in radians."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], dim=1)
