"""The graph as the published StyleGAN2-ADA code exports it, to compare `served.py` with.

It is the fused form: the weights of each picture are computed in the graph, modulated and
demodulated, and its convolutions take the result. No quantizer sees constant weights there, and the
batch is one picture. Gains and noise are multiplied in, as that code's exporter folds constants.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from training.layers import (
    LRELU_GAIN,
    LRELU_SLOPE,
    FullyConnectedLayer,
    activate,
    modulated_conv2d_fused,
)
from training.network import Generator, SynthesisLayer, ToRGBLayer
from training.served import BakedLinear, ServedGenerator, convolutions, synthesis_blocks


class MatrixProduct(BakedLinear):
    """A layer of the mapping network as product and sum: published code has a Gemm only where no
    activation follows."""

    def __init__(self, layer: FullyConnectedLayer) -> None:
        super().__init__(layer)
        self.weight = self.weight.t().contiguous()

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in) to (batch, out)."""
        x = x @ self.weight + self.bias
        return F.leaky_relu(x, LRELU_SLOPE) * LRELU_GAIN


class FusedSynthesisLayer(nn.Module):
    """`SynthesisLayer` with constant noise and weights computed for each picture."""

    weight: Tensor
    bias: Tensor
    noise: Tensor
    resample_filter: Tensor

    def __init__(self, layer: SynthesisLayer) -> None:
        super().__init__()
        self.affine = BakedLinear(layer.affine)
        self.up, self.conv_clamp = layer.up, layer.conv_clamp
        self.register_buffer("weight", layer.weight.detach())
        self.register_buffer("bias", layer.bias.detach())
        self.register_buffer("noise", layer.noise_const * layer.noise_strength.detach())
        self.register_buffer("resample_filter", layer.resample_filter)

    def forward(self, x: Tensor, w: Tensor, _c: Tensor) -> Tensor:
        """(1, in, h, w) and styles w (1, w_dim) to (1, out, h or 2h, ...)."""
        x = modulated_conv2d_fused(x, self.weight, self.affine(w), self.resample_filter, up=self.up)
        return activate(x + self.noise, self.bias, "lrelu", 1.0, self.conv_clamp)


class FusedToRGB(nn.Module):
    """`ToRGBLayer` likewise."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: ToRGBLayer) -> None:
        super().__init__()
        self.affine = BakedLinear(layer.affine, gain=layer.weight_gain)
        self.conv_clamp = layer.conv_clamp
        self.register_buffer("weight", layer.weight.detach())
        self.register_buffer("bias", layer.bias.detach())

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(1, in, h, w) to (1, 3, h, w)."""
        x = modulated_conv2d_fused(x, self.weight, self.affine(w), None, demodulate=False)
        return activate(x, self.bias, "linear", 1.0, self.conv_clamp)


class FusedGenerator(ServedGenerator):
    """`ServedGenerator` in the fused form: the same inputs and pictures, one at a time."""

    def __init__(self, generator: Generator) -> None:
        if generator.config.hyper_rank:
            raise ValueError("form: fused is not allowed with class heads; allowed: unfused")
        super().__init__(generator)
        mapping = generator.mapping
        self.mapping = nn.ModuleList(
            MatrixProduct(getattr(mapping, f"fc{i}")) for i in range(mapping.num_layers)
        )
        blocks = synthesis_blocks(generator)
        self.layers = nn.ModuleList(
            FusedSynthesisLayer(layer) for block in blocks for layer in convolutions(block)
        )
        self.colours = nn.ModuleList(FusedToRGB(block.torgb) for block in blocks)
