"""The StyleGAN2-ADA discriminator: residual blocks, minibatch standard deviation, class projection.

Parameter names are those of the published PyTorch network. Reference: [1] Karras et al. 2020, arXiv
1912.04958; [2] Karras et al. 2020, arXiv 2006.06676; [3] Karras et al. 2018, arXiv 1710.10196
(minibatch standard deviation).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from training.layers import Conv2dLayer, FullyConnectedLayer, normalize_second_moment
from training.network import GeneratorConfig

MBSTD_GROUP = 4


class DiscriminatorBlock(nn.Module):
    """Residual block that halves the size; the first also reads the picture [1, fig. 7c]."""

    def __init__(self, config: GeneratorConfig, resolution: int, is_first: bool) -> None:
        super().__init__()
        channels, wider = config.channels(resolution), config.channels(resolution // 2)
        clamp = config.conv_clamp
        if is_first:
            self.fromrgb = Conv2dLayer(3, channels, 1, activation="lrelu", conv_clamp=clamp)
        self.conv0 = Conv2dLayer(channels, channels, 3, activation="lrelu", conv_clamp=clamp)
        self.conv1 = Conv2dLayer(channels, wider, 3, activation="lrelu", down=2, conv_clamp=clamp)
        self.skip = Conv2dLayer(channels, wider, 1, bias=False, down=2)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels or 3, resolution, resolution) to half the size."""
        if hasattr(self, "fromrgb"):
            x = self.fromrgb(x)
        skip = self.skip(x, gain=math.sqrt(0.5))
        return skip + self.conv1(self.conv0(x), gain=math.sqrt(0.5))


class MinibatchStdLayer(nn.Module):
    """Append one channel: the mean standard deviation over groups of four [3, sec. 3]."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, h, w) to (batch, channels + 1, h, w); sample i belongs to group i mod
        (batch / 4)."""
        batch, channels, height, width = x.shape
        size = MBSTD_GROUP if batch % MBSTD_GROUP == 0 else batch
        y = x.reshape(size, -1, channels, height, width)
        y = y.to(torch.promote_types(x.dtype, torch.float32))
        y = (y.var(dim=0, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))
        y = y.reshape(-1, 1, 1, 1).repeat(size, 1, height, width).to(x.dtype)
        return torch.cat([x, y], dim=1)


class DiscriminatorEpilogue(nn.Module):
    """4x4 features to a logit: of the vector `out`, its product with the class's direction [2,
    app. A].

    A transitional network has a logit that knows no classes before it.
    """

    def __init__(
        self, config: GeneratorConfig, out_features: int, transitional: bool = False
    ) -> None:
        super().__init__()
        channels = config.channels(4)
        self.mbstd = MinibatchStdLayer()
        self.conv = Conv2dLayer(
            channels + 1, channels, 3, activation="lrelu", conv_clamp=config.conv_clamp
        )
        self.fc = FullyConnectedLayer(channels * 16, channels, activation="lrelu")
        self.out = FullyConnectedLayer(channels, out_features)
        self.unconditional = FullyConnectedLayer(channels, 1) if transitional else None

    def forward(self, x: Tensor, direction: Tensor | None) -> Tensor:
        """(batch, channels, 4, 4) and directions (batch, out_features) to logits (batch, 1), or
        (batch, 2), in the weights' own precision."""
        x = self.features(x)
        logits: Tensor = self.out(x)
        if direction is not None:
            logits = (logits * direction).sum(dim=1, keepdim=True) / math.sqrt(direction.shape[1])
        if self.unconditional is not None:
            logits = torch.cat([self.unconditional(x), logits], dim=1)
        return logits

    def features(self, x: Tensor) -> Tensor:
        """(batch, channels, 4, 4) to (batch, channels), what the logits are read from."""
        x = self.conv(self.mbstd(x.to(self.fc.weight.dtype)))
        described: Tensor = self.fc(x.flatten(1))
        return described


class ClassMapping(nn.Module):
    """Class weights c (batch, classes) to the direction that the projection compares with."""

    def __init__(self, config: GeneratorConfig, features: int, layers: int) -> None:
        super().__init__()
        self.num_layers = layers
        self.embed = FullyConnectedLayer(config.classes, features)
        for index in range(layers):
            setattr(
                self,
                f"fc{index}",
                FullyConnectedLayer(features, features, "lrelu", lr_multiplier=0.01),
            )

    def forward(self, c: Tensor) -> Tensor:
        """(batch, classes) to (batch, features)."""
        x = normalize_second_moment(self.embed(c.float()))
        for index in range(self.num_layers):
            x = getattr(self, f"fc{index}")(x)
        return x


class Discriminator(nn.Module):
    """Pictures (batch, 3, r, r) in [-1, 1] and class weights to logits (batch, 1), positive for
    real.

    With `transitional` they are (batch, 2): without classes and with them (Shahbazi et al. 2022,
    arXiv 2201.06578).
    """

    def __init__(
        self, config: GeneratorConfig, mapping_layers: int = 8, transitional: bool = False
    ) -> None:
        super().__init__()
        self.features = config.channels(4) if config.classes else 0
        self.block_resolutions = config.block_resolutions[:0:-1]
        for resolution in self.block_resolutions:
            block = DiscriminatorBlock(config, resolution, is_first=resolution == config.resolution)
            setattr(self, f"b{resolution}", block)
        if self.features:
            self.mapping = ClassMapping(config, self.features, mapping_layers)
        self.b4 = DiscriminatorEpilogue(config, self.features or 1, transitional)

    def forward(
        self, images: Tensor, c: Tensor | None, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """`dtype` is the precision of the convolutions above 4x4."""
        x = self._reduce(images, dtype)
        logits: Tensor = self.b4(x, self.mapping(c) if self.features else None)
        return logits

    def describe(self, images: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Features (batch, channels of the 4x4 block) that the logits are read from."""
        return self.b4.features(self._reduce(images, dtype))

    def _reduce(self, images: Tensor, dtype: torch.dtype) -> Tensor:
        x = images.to(dtype).contiguous(memory_format=torch.channels_last)
        for resolution in self.block_resolutions:
            x = getattr(self, f"b{resolution}")(x)
        return x

    def freeze(self, blocks: int) -> None:
        """Keep the first `blocks` blocks, from the picture on, as they are (FreezeD, Mo et al.
        2020, arXiv 2002.10964)."""
        if not 0 <= blocks <= len(self.block_resolutions):
            raise ValueError(
                f"freeze_d: {blocks} is not allowed; allowed: 0 to {len(self.block_resolutions)}"
            )
        for resolution in self.block_resolutions[:blocks]:
            self.get_submodule(f"b{resolution}").requires_grad_(False)

    @torch.no_grad()
    def unconditional_direction(self) -> Tensor:
        """Weights v (out features,) for which every class takes v * a to the logit a.

        That is the least solution of M v = sqrt(features), M the directions of the classes; with
        more classes than features it holds as nearly as it can.
        """
        if not self.features:
            return torch.ones_like(self.b4.out.bias)
        eye = torch.eye(self.mapping.embed.weight.shape[1], device=self.b4.out.bias.device)
        inverse = torch.linalg.pinv(self.mapping(eye).double())
        return (inverse.sum(dim=1) * math.sqrt(self.features)).float()
