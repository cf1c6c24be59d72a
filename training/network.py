"""The StyleGAN2-ADA generator: mapping network and skip synthesis network.

Parameter names are those of the published PyTorch networks, so that their checkpoints load by name.
References: [1] Karras et al. 2020, arXiv 1912.04958 (StyleGAN2); [2] Karras et al. 2020, arXiv
2006.06676 (ADA).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from training.layers import (
    FullyConnectedLayer,
    activate,
    fir_kernel,
    fir_upsample,
    modulated_conv2d,
    modulated_conv2d_fused,
    normalize_second_moment,
)

# a new block's random features must not hide what the blocks below it have learned
NEW_COLOUR_SCALE = 0.1


@dataclass(frozen=True)
class GeneratorConfig:
    """Shape of a generator; block `r` has channel_base / r channels, at least channel_min and at
    most channel_max.

    `classes` is 0 for an unconditional network. With `latent_input` the first style also draws the
    4x4 input instead of only modulating a constant one: layouts then differ more between latents.
    `conv_clamp` bounds activations for fp16 training (256 in published networks, which have no
    `latent_input`). `hyper_rank` above 0 asks for the class heads of `training/hyper.py`.
    """

    resolution: int = 128
    classes: int = 11
    z_dim: int = 128
    w_dim: int = 128
    mapping_layers: int = 2
    mapping_lr: float = 0.01
    channel_base: int = 2048
    channel_max: int = 128
    channel_min: int = 1
    latent_input: bool = False
    conv_clamp: float | None = None
    hyper_rank: int = 0

    def __post_init__(self) -> None:
        if self.resolution < 8 or self.resolution & (self.resolution - 1):
            raise ValueError(
                f"resolution: {self.resolution} is not allowed; allowed: a power of two from 8"
            )
        if self.hyper_rank < 0 or (self.hyper_rank and not self.classes):
            raise ValueError(
                f"hyper_rank: {self.hyper_rank} is not allowed with {self.classes} classes; "
                "allowed: 0, or above 0 with classes"
            )

    def channels(self, resolution: int) -> int:
        """Channels of the block at `resolution`."""
        return max(self.channel_min, min(self.channel_base // resolution, self.channel_max))

    @property
    def block_resolutions(self) -> list[int]:
        """4, 8, ...

        up to the picture's resolution.
        """
        return [2**i for i in range(2, int(math.log2(self.resolution)) + 1)]

    @property
    def num_ws(self) -> int:
        """Number of synthesis layers that take a style of their own."""
        return 2 * len(self.block_resolutions)


class MappingNetwork(nn.Module):
    """Latents z (batch, z_dim) and class weights c (batch, classes) to styles w (batch, w_dim).

    `w_avg` follows the mean of w in training; truncation [1, app. B] pulls w towards it:
    w_avg + psi (w - w_avg).

    `class_strength` is 1 but early in a transitional run: the first layer sees the embedding of the
    class times it, so that 0 is a network without classes. It is no part of the saved state.
    """

    w_avg: Tensor
    class_strength: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.num_layers = config.mapping_layers
        self.num_ws = config.num_ws
        features = config.z_dim
        if config.classes:
            self.embed = FullyConnectedLayer(config.classes, config.w_dim)
            features += config.w_dim
        for index in range(self.num_layers):
            layer = FullyConnectedLayer(
                features, config.w_dim, "lrelu", lr_multiplier=config.mapping_lr
            )
            setattr(self, f"fc{index}", layer)
            features = config.w_dim
        self.register_buffer("w_avg", torch.zeros(config.w_dim))
        self.register_buffer("class_strength", torch.ones([]), persistent=False)

    def forward(self, z: Tensor, c: Tensor | None) -> Tensor:
        """One w for each row of z, without truncation; shape (batch, w_dim)."""
        x = normalize_second_moment(z.float())
        if c is not None and hasattr(self, "embed"):
            embedding = normalize_second_moment(self.embed(c.float()))
            x = torch.cat([x, self.class_strength * embedding], dim=1)
        for index in range(self.num_layers):
            x = getattr(self, f"fc{index}")(x)
        return x

    def truncate(self, w: Tensor, psi: float | Tensor) -> Tensor:
        """Pull w towards the average; psi 1 leaves it alone, psi 0 gives the average."""
        return self.w_avg + psi * (w - self.w_avg)

    @torch.no_grad()
    def track_average(self, w: Tensor, decay: float = 0.995) -> None:
        """Move `w_avg` towards the mean of a batch of w."""
        self.w_avg.copy_(w.float().mean(dim=0).lerp(self.w_avg, decay))


class SynthesisLayer(nn.Module):
    """Modulated 3x3 convolution, noise, bias and leaky ReLU; doubles the size with `up`."""

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(
        self, config: GeneratorConfig, in_channels: int, resolution: int, up: bool
    ) -> None:
        super().__init__()
        out_channels = config.channels(resolution)
        self.up, self.resolution, self.conv_clamp = up, resolution, config.conv_clamp
        self.affine = FullyConnectedLayer(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", fir_kernel())

    def forward(self, x: Tensor, w: Tensor, noise: str, fused: bool) -> Tensor:
        """`noise`: 'random' for each call, 'const' for the stored picture of it, 'none'."""
        convolve = modulated_conv2d_fused if fused else modulated_conv2d
        weight, bias = self.weights(w)
        x = convolve(x, weight, self.affine(w), self.resample_filter, up=self.up)
        if noise == "random":
            plane = torch.randn(len(x), 1, self.resolution, self.resolution, device=x.device)
            x = x + (plane * self.noise_strength).to(x.dtype)
        elif noise == "const":
            x = x + (self.noise_const * self.noise_strength).to(x.dtype)
        return activate(x, bias, "lrelu", 1.0, self.conv_clamp)

    def weights(self, _w: Tensor) -> tuple[Tensor, Tensor]:
        """Weight and bias: here the same for every style."""
        return self.weight, self.bias


class ToRGBLayer(nn.Module):
    """Modulated 1x1 convolution to three channels, without demodulation."""

    def __init__(self, config: GeneratorConfig, in_channels: int) -> None:
        super().__init__()
        self.conv_clamp = config.conv_clamp
        self.affine = FullyConnectedLayer(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(3, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.weight_gain = 1 / math.sqrt(in_channels)

    def forward(self, x: Tensor, w: Tensor, fused: bool) -> Tensor:
        """Colour contribution (batch, 3, height, width) of features x."""
        convolve = modulated_conv2d_fused if fused else modulated_conv2d
        styles = self.affine(w) * self.weight_gain
        x = convolve(x, self.weight, styles, None, demodulate=False)
        return activate(x, self.bias, "linear", 1.0, self.conv_clamp)


class SynthesisBlock(nn.Module):
    """One resolution: two layers (one at 4²) and the colour they add [1, fig. 7b]."""

    resample_filter: Tensor

    def __init__(self, config: GeneratorConfig, resolution: int) -> None:
        super().__init__()
        channels = config.channels(resolution)
        self.register_buffer("resample_filter", fir_kernel())
        self.is_first = resolution == 4
        if self.is_first:
            self.const = nn.Parameter(torch.randn(channels, 4, 4))
            self.input = (
                FullyConnectedLayer(config.w_dim, channels * 16) if config.latent_input else None
            )
        else:
            self.conv0 = SynthesisLayer(
                config, config.channels(resolution // 2), resolution, up=True
            )
        self.conv1 = SynthesisLayer(config, channels, resolution, up=False)
        self.torgb = ToRGBLayer(config, channels)

    @property
    def num_conv(self) -> int:
        """Number of styles that the convolutions consume; torgb takes the one after them."""
        return 1 if self.is_first else 2

    def forward(
        self,
        x: Tensor | None,
        image: Tensor | None,
        ws: Tensor,
        noise: str,
        fused: bool,
        dtype: torch.dtype,
    ) -> tuple[Tensor, Tensor]:
        """Ws (batch, num_conv + 1, w_dim).

        Returns features and the picture so far, in float32 or better.
        """
        if self.is_first:
            x = self.const[None].expand(len(ws), -1, -1, -1)
            if self.input is not None:
                x = x + self.input(ws[:, 0]).reshape(x.shape)
            x = x.to(dtype).contiguous(memory_format=torch.channels_last)
        else:
            x = self.conv0(x, ws[:, 0], noise, fused)
        x = self.conv1(x, ws[:, self.num_conv - 1], noise, fused)
        colour = self.torgb(x, ws[:, self.num_conv], fused)
        colour = colour.to(torch.promote_types(dtype, torch.float32))
        image = colour if image is None else fir_upsample(image, self.resample_filter) + colour
        return x, image


class SynthesisNetwork(nn.Module):
    """Styles ws (batch, num_ws, w_dim) to pictures (batch, 3, resolution, resolution), about [-1,
    1]."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.block_resolutions = config.block_resolutions
        for resolution in self.block_resolutions:
            setattr(self, f"b{resolution}", SynthesisBlock(config, resolution))

    def forward(
        self,
        ws: Tensor,
        noise: str = "random",
        fused: bool = False,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """`dtype` is the precision of the convolutions; styles and demodulation stay in float32."""
        x = image = None
        first = 0
        for resolution in self.block_resolutions:
            block: SynthesisBlock = getattr(self, f"b{resolution}")
            x, image = block(
                x, image, ws[:, first : first + block.num_conv + 1], noise, fused, dtype
            )
            first += block.num_conv
        return image


class Generator(nn.Module):
    """Mapping and synthesis together: z (batch, z_dim), c (batch, classes) to pictures."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = MappingNetwork(config)
        self.synthesis = SynthesisNetwork(config)

    def forward(
        self,
        z: Tensor,
        c: Tensor | None,
        psi: float = 1.0,
        noise: str = "random",
        fused: bool = False,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Pictures (batch, 3, resolution, resolution), the same w in every layer."""
        w = self.mapping.truncate(self.mapping(z, c), psi)
        ws = w[:, None].expand(-1, self.config.num_ws, -1)
        return self.synthesis(ws, noise=noise, fused=fused, dtype=dtype)


@torch.no_grad()
def grow(generator: Generator, channel_min: int) -> Generator:
    """A generator of twice the resolution that starts by drawing the same pictures, upsampled.

    Every weight is kept; the colour layer of the new block is scaled down. `channel_min` is that of
    the new configuration. Raises ValueError where it would widen the blocks that are there, and for
    a hyper-modulated generator, whose new block would stay frozen as it was born.
    """
    if generator.config.hyper_rank:
        raise ValueError("resolution: a hyper-modulated generator cannot grow")
    narrowest = generator.config.channels(generator.config.resolution)
    if channel_min > narrowest:
        allowed = f"up to {narrowest}, what the network to be grown has at its edge"
        raise ValueError(f"channel_min: {channel_min} is not allowed; allowed: {allowed}")
    config = replace(
        generator.config, resolution=2 * generator.config.resolution, channel_min=channel_min
    )
    grown = Generator(config)
    grown.load_state_dict(generator.state_dict(), strict=False)
    newest: SynthesisBlock = getattr(grown.synthesis, f"b{config.resolution}")
    newest.torgb.weight.mul_(NEW_COLOUR_SCALE)
    return grown
