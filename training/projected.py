"""A discriminator on frozen features: Projected GANs (Sauer et al. 2021, arXiv 2111.01007).

Four feature maps of a frozen EfficientNet-Lite1 are mixed across channels and scales by fixed
random 1x1 convolutions; a small head judges each of the four mixtures. What differs from the
paper, each because it measured better on a few thousand cloud pictures: every map is divided by its
standard deviation on real data; the heads have no batch normalisation (with it they do not see
global colour errors); classes enter by projection. The heads also see the standard deviation over
the minibatch, so that latents which share one layout are noticed. A fifth head sees the picture
itself at 32x32: features say little about brightness and contrast, and skies came out pale.
Pictures above 128x128 are looked at in `views`.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from training.discriminator import MinibatchStdLayer
from training.efficientnet import FEATURE_CHANNELS, EfficientNetLite1
from training.views import FEATURE_SIZE, kinds, split_classes, views

MIXED_CHANNELS = (32, 64, 128, 256)
PIXELS = 32  # edge at which a head sees the picture itself


class ProjectedFeatures(nn.Module):
    """Frozen: pictures (batch, 3, height, width) in [-1, 1] to four random mixtures of features,
    finest first, and the picture itself, small."""

    scales: Tensor

    def __init__(self, network: EfficientNetLite1) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("scales", torch.ones(len(FEATURE_CHANNELS)))
        self.channel_mixing = nn.ModuleList(
            _random_projection(channels, mixed)
            for channels, mixed in zip(FEATURE_CHANNELS, MIXED_CHANNELS, strict=True)
        )
        self.scale_mixing = nn.ModuleList(
            _random_projection(coarse, fine) for fine, coarse in pairwise(MIXED_CHANNELS)
        )
        self.requires_grad_(False)

    @torch.no_grad()
    def calibrate(self, reals: Tensor) -> None:
        """Set the scales so that each raw map of `reals` has a standard deviation of one."""
        self.scales.copy_(torch.stack([1 / m.float().std() for m in self.network(views(reals))]))

    def forward(self, images: Tensor) -> list[Tensor]:
        """The mixtures, each (batch, MIXED_CHANNELS[i], s, s) with s = FEATURE_SIZE / 2^(i+2), then
        the whole picture (batch, 3, PIXELS, PIXELS), scaled to a deviation of about one."""
        maps = self.network(views(images))
        scaled = [m * scale.to(m.dtype) for m, scale in zip(maps, self.scales, strict=True)]
        mixed = [_mix(m, by) for m, by in zip(scaled, self.channel_mixing, strict=True)]
        for fine in reversed(range(len(mixed) - 1)):
            coarse = F.interpolate(mixed[fine + 1], scale_factor=2.0, mode="bilinear")
            mixed[fine] = (mixed[fine] + _mix(coarse, self.scale_mixing[fine])) * math.sqrt(0.5)
        return [*mixed, 2 * F.adaptive_avg_pool2d(images, PIXELS)]


def _random_projection(in_channels: int, out_channels: int) -> nn.Conv2d:
    """1x1 convolution that keeps the variance of its input."""
    conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    nn.init.normal_(conv.weight, std=1 / math.sqrt(in_channels))
    return conv


def _mix(x: Tensor, projection: nn.Module) -> Tensor:
    """Apply a 1x1 convolution in the precision of x."""
    return F.conv2d(x, projection.get_parameter("weight").to(x.dtype))


class Head(nn.Module):
    """Judges one mixture: spectrally normalised convolutions down to 4x4, then a logit for each
    position.

    The class enters by projection (Miyato & Koyama 2018, arXiv 1802.05637): the inner product of
    the features with an embedding of the class is added to the unconditional logit.
    """

    def __init__(self, channels: int, size: int, classes: int, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        while size > 4:
            layers += [
                spectral_norm(nn.Conv2d(channels, width, 4, stride=2, padding=1)),
                nn.LeakyReLU(0.2),
            ]
            channels, width, size = width, min(2 * width, 128), size // 2
        layers.append(MinibatchStdLayer())
        layers += [spectral_norm(nn.Conv2d(channels + 1, 128, 3, padding=1)), nn.LeakyReLU(0.2)]
        self.trunk = nn.Sequential(*layers)
        self.logit = spectral_norm(nn.Conv2d(128, 1, 1))
        self.embed = spectral_norm(nn.Linear(classes, 128, bias=False)) if classes else None

    def forward(self, x: Tensor, c: Tensor | None) -> Tensor:
        """Logits (batch, 1, 4 * 4), positive for real; with classes (batch, 2, 4 * 4), without
        their part and with it."""
        x = self.trunk(x).float()
        logits: Tensor = self.logit(x).flatten(2)
        if self.embed is None or c is None:
            return logits
        part = torch.einsum("bchw,bc->bhw", x, self.embed(c)).flatten(1)[:, None]
        return torch.cat([logits, logits + part], dim=1)


class ProjectedDiscriminator(nn.Module):
    """Five heads over `ProjectedFeatures`; only the heads are trained."""

    def __init__(self, resolution: int, classes: int, transitional: bool = False) -> None:
        super().__init__()
        self.transitional = transitional
        self.kinds = kinds(resolution)
        self.features = ProjectedFeatures(EfficientNetLite1.pretrained())
        sizes = [FEATURE_SIZE >> (index + 2) for index in range(len(MIXED_CHANNELS))]
        self.heads = nn.ModuleList(
            Head(channels, size, classes * self.kinds)
            for channels, size in zip((*MIXED_CHANNELS, 3), (*sizes, PIXELS), strict=True)
        )

    def forward(self, mixtures: list[Tensor], c: Tensor | None) -> Tensor:
        """Logits (batch, 1, heads * positions) of features that `self.features` made; with
        `transitional` (batch, 2, heads * positions), without classes and with them."""
        if self.kinds == 2 and c is not None:
            c = split_classes(c)
        judged = [head(m, c) for head, m in zip(self.heads, mixtures, strict=True)]
        logits = torch.cat(judged, dim=2)
        return logits if self.transitional else logits[:, -1:]
