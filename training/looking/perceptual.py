"""How different two pictures look, as a distance that can be differentiated.

It is that of LPIPS (Zhang et al. 2018, arXiv 1801.03924, equation 1) with all channels weighted
alike, on the frozen EfficientNet-Lite1 that the projected discriminator uses. LPIPS itself needs
VGG16, whose weights are a 528 MB download; these 22 MB come with the `training` extra.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.efficientnet import EfficientNetLite1

SMALLEST, LARGEST = 128, 256  # edges the network sees; pictures are resized to within these


class PerceptualDistance(nn.Module):
    """Distance between pictures (n, 3, h, w) in [-1, 1], square, of a power of two."""

    def __init__(self, network: EfficientNetLite1 | None = None) -> None:
        super().__init__()
        self.network = (network or EfficientNetLite1.pretrained()).eval().requires_grad_(False)

    def features(self, images: Tensor) -> list[Tensor]:
        """Feature maps, each position's channels scaled to unit length."""
        size = min(max(images.shape[-1], SMALLEST), LARGEST)
        if size != images.shape[-1]:
            images = F.interpolate(images, size=size, mode="bilinear", antialias=True)
        return [F.normalize(m, dim=1) for m in self.network(images)]

    def forward(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        """Distance (n,) of what `features` returned: the mean squared difference of positions,
        summed over the maps; each map adds 0 to 4."""
        differences = [
            (x - y).square().sum(dim=1).mean(dim=(1, 2)) for x, y in zip(a, b, strict=True)
        ]
        return torch.stack(differences).sum(dim=0)
