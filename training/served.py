"""The graph of a model file: a trained generator with all that is constant baked into constants.

It is the unfused form: styles scale channels, convolutions have constant weights, and learning rate
gains, demodulation energies and noise are multiplied in, so that quantizers see plain weights and
the batch stays dynamic.

A hyper-modulated generator has other weights for each class. Its graph holds the source's weights,
the low-rank factors and a table with a short row for each class, and makes the weights of the
mixture that is asked for when it runs, for one picture at a time. At 64², 11 classes and rank 32,
onnxruntime on one core: 5.8 MB and 11.5 ms. A constant stack of every class's weights, which the
class weights mix, takes 39.5 MB and 13.3 ms; one class alone, baked into an ordinary model by
`HyperGenerator.bake`, 4.9 MB and 7.2 ms.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.hyper import HyperGenerator, HyperLayer
from training.layers import LRELU_GAIN, LRELU_SLOPE, FullyConnectedLayer, normalize_second_moment
from training.network import Generator, SynthesisBlock, SynthesisLayer, ToRGBLayer
from training.truncation import class_averages


class BakedLinear(nn.Module):
    """`FullyConnectedLayer` with its gains multiplied into the weights."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: FullyConnectedLayer, gain: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("weight", (layer.weight * layer.weight_gain * gain).detach().clone())
        self.register_buffer("bias", (layer.bias * layer.bias_gain * gain).detach().clone())
        self.activation = layer.activation

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in) to (batch, out)."""
        x = F.linear(x, self.weight, self.bias)
        return F.leaky_relu(x, LRELU_SLOPE) * LRELU_GAIN if self.activation == "lrelu" else x


class ConstantWeights(nn.Module):
    """Weight, demodulation energy (W2 in `modulated_conv2d`) and bias of a layer.

    The gain of the leaky ReLU commutes with it, so it is baked into the bias and the energy.
    """

    weight: Tensor
    energy: Tensor
    bias: Tensor

    def __init__(self, layer: SynthesisLayer) -> None:
        super().__init__()
        weight = layer.weight.detach()
        energy = weight.square().sum(dim=(2, 3)).t() / LRELU_GAIN**2
        self.register_buffer("weight", _as_convolved(weight, layer.up))
        self.register_buffer("energy", energy.contiguous())
        self.register_buffer("bias", layer.bias.detach()[:, None, None] * LRELU_GAIN)

    def forward(self, _c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same for every class."""
        return self.weight, self.energy, self.bias


class ClassWeights(nn.Module):
    """The same of a hyper-modulated layer, for class weights c (1, classes).

    `changes` has a row for each class: gamma, beta and the bias, as the heads give them.
    """

    changes: Tensor
    kernel: Tensor
    deviation: Tensor
    mean: Tensor
    gamma_first: Tensor
    gamma_second: Tensor
    beta_first: Tensor
    beta_second: Tensor
    bias: Tensor

    def __init__(self, layer: HyperLayer, codes: Tensor) -> None:
        super().__init__()
        self.up = layer.up
        self.sizes = [layer.rank, layer.rank, len(layer.bias)]
        self.register_buffer("changes", layer.head(codes).detach())
        for name, tensor in zip(("kernel", "deviation", "mean"), layer.standardised(), strict=True):
            taps = _as_convolved(tensor.detach(), self.up).flatten(2).permute(2, 0, 1)
            self.register_buffer(name, taps.contiguous())  # taps first: rows of 9 broadcast slowly
        for name in ("gamma", "beta"):
            factors = [getattr(layer, f"{name}_{side}").detach() for side in ("out", "in")]
            first, second = reversed(factors) if self.up else factors
            self.register_buffer(f"{name}_first", first * layer.change_scale())
            self.register_buffer(f"{name}_second", second.t().contiguous())
        self.register_buffer("bias", layer.bias.detach())

    def forward(self, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of the mixture of classes that c names."""
        gamma, beta, bias = torch.split((c @ self.changes)[0], self.sizes)
        gammas = (self.gamma_first * gamma) @ self.gamma_second
        betas = (self.beta_first * beta) @ self.beta_second
        taps = self.kernel * (self.deviation + gammas) + (self.mean + betas)
        energy = (taps * taps).sum(dim=0) / LRELU_GAIN**2
        weight = taps.permute(1, 2, 0).unflatten(2, (3, 3))
        bias = (self.bias + bias)[:, None, None] * LRELU_GAIN
        return weight, energy if self.up else energy.t(), bias


def _as_convolved(weight: Tensor, up: bool) -> Tensor:
    """(out, in, k, k), or (in, out, k, k) for a transposed convolution."""
    return (weight.transpose(0, 1) if up else weight).contiguous()


def _bounded(x: Tensor, clamp: float | None) -> Tensor:
    """What keeps fp16 training finite; trained weights may have come to rely on it."""
    return x if clamp is None else x.clamp(-clamp, clamp)


class BakedSynthesisLayer(nn.Module):
    """`SynthesisLayer` with constant noise."""

    noise: Tensor
    fir: Tensor

    def __init__(self, layer: SynthesisLayer, weights: ConstantWeights | ClassWeights) -> None:
        super().__init__()
        self.affine = BakedLinear(layer.affine)
        self.weights = weights
        self.up, self.conv_clamp = layer.up, layer.conv_clamp
        noise = layer.noise_const * layer.noise_strength.detach() * LRELU_GAIN
        self.register_buffer("noise", noise[None])
        channels = len(layer.bias)
        self.register_buffer(
            "fir", (layer.resample_filter * 4).expand(channels, 1, 4, 4).contiguous()
        )

    def forward(self, x: Tensor, w: Tensor, c: Tensor) -> Tensor:
        """(batch, in, h, w) and styles w (batch, w_dim) to (batch, out, h or 2h, ...)."""
        styles = self.affine(w)
        weight, energy, bias = self.weights(c)
        x = x * styles[:, :, None, None]
        if self.up:
            x = F.conv_transpose2d(x, weight, stride=2)
            x = F.conv2d(x, self.fir, padding=1, groups=self.fir.shape[0])
        else:
            x = F.conv2d(x, weight, padding=1)
        coefficients = (styles.square() @ energy + 1e-8 / LRELU_GAIN**2).rsqrt()
        x = x * coefficients[:, :, None, None] + bias + self.noise
        return _bounded(F.leaky_relu(x, LRELU_SLOPE), self.conv_clamp)


class BakedToRGB(nn.Module):
    """`ToRGBLayer` with its weight gain in the affine."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: ToRGBLayer) -> None:
        super().__init__()
        self.conv_clamp = layer.conv_clamp
        self.affine = BakedLinear(layer.affine, gain=layer.weight_gain)
        self.register_buffer("weight", layer.weight.detach().clone())
        self.register_buffer("bias", layer.bias.detach().clone())

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(batch, in, h, w) to (batch, 3, h, w)."""
        x = F.conv2d(x * self.affine(w)[:, :, None, None], self.weight, self.bias)
        return _bounded(x, self.conv_clamp)


class ServedGenerator(nn.Module):
    """The graph of a model file: z (batch, layers, z_dim), c (batch, classes) and psi (batch) in.

    Truncation pulls every style towards the average style of the class asked for (a mixture of
    classes has the mixture of their averages), so that a low psi keeps the class.
    """

    class_averages: Tensor
    const: Tensor
    upsample: Tensor

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        mapping, config = generator.mapping, generator.config
        self.embed = BakedLinear(mapping.embed) if hasattr(mapping, "embed") else None
        self.mapping = nn.ModuleList(
            BakedLinear(getattr(mapping, f"fc{i}")) for i in range(mapping.num_layers)
        )
        averages = class_averages(generator)[:, : config.w_dim]  # without the codes behind them
        self.register_buffer("class_averages", averages.contiguous())
        blocks = synthesis_blocks(generator)
        first = blocks[0]
        self.register_buffer("const", first.const.detach()[None].clone())
        self.input = None if first.input is None else BakedLinear(first.input)
        self.register_buffer(
            "upsample", (first.resample_filter * 4).expand(3, 1, 4, 4).contiguous()
        )
        self.layers = nn.ModuleList(
            BakedSynthesisLayer(layer, _weights(layer, generator))
            for block in blocks
            for layer in convolutions(block)
        )
        self.colours = nn.ModuleList(BakedToRGB(block.torgb) for block in blocks)

    def forward(self, z: Tensor, c: Tensor, psi: Tensor) -> Tensor:
        """One picture for each row, (batch, 3, height, width) in [-1, 1]."""
        ws = self._styles(z, c, psi)
        x = self.const.expand(z.shape[0], -1, -1, -1)
        if self.input is not None:
            x = x + self.input(ws[:, 0]).unflatten(1, self.const.shape[1:])
        x = self.layers[0](x, ws[:, 0], c)
        image = self.colours[0](x, ws[:, 1])
        for block in range(1, len(self.colours)):
            layer = 2 * block - 1
            x = self.layers[layer](x, ws[:, layer], c)
            x = self.layers[layer + 1](x, ws[:, layer + 1], c)
            image = F.conv_transpose2d(image, self.upsample, stride=2, padding=1, groups=3)
            image = image + self.colours[block](x, ws[:, layer + 2])
        return image.clamp(-1, 1)

    def _styles(self, z: Tensor, c: Tensor, psi: Tensor) -> Tensor:
        layers = z.shape[1]
        x = normalize_second_moment(z.flatten(0, 1))
        if self.embed is not None:
            label = normalize_second_moment(self.embed(c))[:, None].expand(-1, layers, -1)
            x = torch.cat([x, label.flatten(0, 1)], dim=1)
        for layer in self.mapping:
            x = layer(x)
        average = (c @ self.class_averages)[:, None]
        return average + psi[:, None, None] * (x.unflatten(0, (-1, layers)) - average)


def _weights(layer: SynthesisLayer, generator: Generator) -> ConstantWeights | ClassWeights:
    if isinstance(layer, HyperLayer) and isinstance(generator, HyperGenerator):
        return ClassWeights(layer, generator.mapping.codes())
    return ConstantWeights(layer)


def synthesis_blocks(generator: Generator) -> list[SynthesisBlock]:
    """The blocks, from 4² up."""
    return [getattr(generator.synthesis, f"b{r}") for r in generator.config.block_resolutions]


def convolutions(block: SynthesisBlock) -> list[SynthesisLayer]:
    """The 3x3 layers of a block, in order."""
    return [block.conv1] if block.is_first else [block.conv0, block.conv1]
