"""Building blocks of StyleGAN2 in plain PyTorch: equalised layers, FIR resampling, modulated
convolution.

References: [1] Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", arXiv
1912.04958. [2] Karras et al. 2018, "Progressive Growing of GANs", arXiv 1710.10196 (equalised
learning rate).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2)


def normalize_second_moment(x: Tensor) -> Tensor:
    """Scale each row of (batch, features) to a mean square of one."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


def activate(
    x: Tensor, bias: Tensor | None, activation: str, gain: float, clamp: float | None
) -> Tensor:
    """Add a bias, (channels) or (batch, channels), apply `linear` or `lrelu` with its gain, and
    bound the result.

    `gain` scales the bound as well; the activation's own gain does not.
    """
    bound = None if clamp is None else clamp * gain
    if bias is not None:
        x = x + bias.to(x.dtype).reshape(*bias.shape, *[1] * (x.ndim - 2))
    if activation == "lrelu":
        x = F.leaky_relu(x, LRELU_SLOPE)
        gain *= LRELU_GAIN
    if gain != 1:
        x = x * gain
    return x if bound is None else x.clamp(-bound, bound)


class FullyConnectedLayer(nn.Module):
    """Linear layer with equalised learning rate [2] and an optional learning rate multiplier.

    Input (batch, in_features), output (batch, out_features).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: str = "linear",
        lr_multiplier: float = 1.0,
        bias_init: float = 0.0,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((out_features,), bias_init))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer in the weights' own precision."""
        x = F.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)
        return activate(x, None, self.activation, 1.0, None)


def fir_kernel() -> Tensor:
    """The 4x4 low-pass filter [1 3 3 1] x [1 3 3 1] of [1], summing to one."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(taps, taps)
    return kernel / kernel.sum()


def fir(x: Tensor, kernel: Tensor, padding: int, stride: int = 1, gain: float = 1.0) -> Tensor:
    """Filter each channel of (batch, channels, height, width) with the symmetric `kernel`."""
    channels = x.shape[1]
    weight = (kernel * gain).to(x.dtype).expand(channels, 1, 4, 4)
    return F.conv2d(x, weight, padding=padding, stride=stride, groups=channels)


def fir_upsample(x: Tensor, kernel: Tensor) -> Tensor:
    """Double the size of (batch, channels, height, width): zero insertion, then the low-pass
    filter."""
    channels = x.shape[1]
    weight = (kernel * 4).to(x.dtype).expand(channels, 1, 4, 4)
    return F.conv_transpose2d(x, weight, stride=2, padding=1, groups=channels)


class Conv2dLayer(nn.Module):
    """Convolution with equalised learning rate, optionally halving the size through the FIR filter.

    Input (batch, in_channels, height, width); the output has `out_channels` and the size divided by
    `down`.
    """

    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        bias: bool = True,
        activation: str = "linear",
        down: int = 1,
        conv_clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.activation, self.down, self.conv_clamp = activation, down, conv_clamp
        self.padding = kernel_size // 2
        self.weight_gain = 1 / math.sqrt(in_channels * kernel_size**2)
        self.register_buffer("resample_filter", fir_kernel())
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        """Filter and halve if asked, convolve, activate and scale by `gain`."""
        weight = (self.weight * self.weight_gain).to(x.dtype)
        if self.down == 1:
            x = F.conv2d(x, weight, padding=self.padding)
        elif weight.shape[-1] == 1:
            x = F.conv2d(fir(x, self.resample_filter, padding=1, stride=2), weight)
        else:
            x = F.conv2d(fir(x, self.resample_filter, padding=2), weight, stride=2)
        return activate(x, self.bias, self.activation, gain, self.conv_clamp)


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    kernel: Tensor,
    up: bool = False,
    demodulate: bool = True,
) -> Tensor:
    """Modulated convolution [1, eqs. 1-3] with constant weights.

    Scaling the weights of each sample by its style and dividing by their norm is the same as
    scaling the input channels by the style and the output channels by d = rsqrt(s² · W2ᵀ + 1e-8),
    W2 the sum over taps of w²; the convolution then has one weight for the whole batch, which
    exports and quantizes.

    x (batch, in, height, width), weight (out, in, k, k), styles (batch, in); the output is twice
    as large with `up`.
    """
    coefficients = None
    if demodulate:
        energy = weight.square().sum(dim=(2, 3))
        coefficients = (styles.square() @ energy.t() + 1e-8).rsqrt().to(x.dtype)[:, :, None, None]
    x = x * styles.to(x.dtype)[:, :, None, None]
    x = _convolve(x, weight.to(x.dtype), kernel, up, groups=1)
    return x if coefficients is None else x * coefficients


def modulated_conv2d_fused(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    kernel: Tensor,
    up: bool = False,
    demodulate: bool = True,
) -> Tensor:
    """The same function as `modulated_conv2d` in its published form: weights per sample, one
    grouped convolution.

    `weight` may also be given for each sample: (batch, out, in, k, k).
    """
    batch, channels, height, width = x.shape
    w = weight * styles[:, None, :, None, None]
    if demodulate:
        w = w * (w.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    x = x.reshape(1, batch * channels, height, width)
    x = _convolve(x, w.flatten(0, 1).to(x.dtype), kernel, up, groups=batch)
    return x.reshape(batch, -1, *x.shape[2:])


def _convolve(x: Tensor, weight: Tensor, kernel: Tensor, up: bool, groups: int) -> Tensor:
    """Plain or doubling convolution with `weight` (groups * out, in, k, k)."""
    if not up:
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=groups)
    transposed = weight.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)
    x = F.conv_transpose2d(x, transposed, stride=2, groups=groups)
    return fir(x, kernel, padding=1, gain=4.0)
