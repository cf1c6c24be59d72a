"""A trained generator to the ONNX file that skyserver serves; docs/model-file.md specifies it.

The exported graph is the unfused form: styles scale channels, convolutions have constant weights,
and learning rate gains, demodulation energies and noise are baked into constants, so that
quantizers see plain weights and the batch stays dynamic.
"""

from __future__ import annotations

import json
import logging
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skyserver.clouds import CLOUD_TYPES
from training.layers import LRELU_GAIN, LRELU_SLOPE, FullyConnectedLayer, normalize_second_moment
from training.network import Generator, SynthesisBlock, SynthesisLayer, ToRGBLayer
from training.truncation import class_averages

OPSET = 18
TOLERANCE = 1e-3  # largest difference from torch on [-1, 1] that an exported model may show


@dataclass(frozen=True)
class ModelFacts:
    """What the file says of itself beside its shapes."""

    name: str
    classes: list[str]
    licence: str
    training: dict[str, object]


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


class BakedSynthesisLayer(nn.Module):
    """`SynthesisLayer` with constant noise and a stored demodulation energy (W2 in
    `modulated_conv2d`).

    The gain of the leaky ReLU commutes with it, so it is baked into the bias, the noise and the
    energy.
    """

    weight: Tensor
    energy: Tensor
    bias: Tensor
    noise: Tensor
    fir: Tensor

    def __init__(self, layer: SynthesisLayer) -> None:
        super().__init__()
        self.affine = BakedLinear(layer.affine)
        self.up = layer.up
        weight = layer.weight.detach()
        energy = weight.square().sum(dim=(2, 3)).t() / LRELU_GAIN**2
        self.register_buffer("energy", energy.contiguous())
        self.register_buffer(
            "weight", (weight.transpose(0, 1) if layer.up else weight).contiguous()
        )
        bias = layer.bias.detach()[:, None, None] * LRELU_GAIN
        self.register_buffer("bias", bias)
        noise = layer.noise_const * layer.noise_strength.detach() * LRELU_GAIN
        self.register_buffer("noise", noise[None])
        channels = len(bias)
        self.register_buffer(
            "fir", (layer.resample_filter * 4).expand(channels, 1, 4, 4).contiguous()
        )

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(batch, in, h, w) and styles w (batch, w_dim) to (batch, out, h or 2h, ...)."""
        styles = self.affine(w)
        x = x * styles[:, :, None, None]
        if self.up:
            x = F.conv_transpose2d(x, self.weight, stride=2)
            x = F.conv2d(x, self.fir, padding=1, groups=self.fir.shape[0])
        else:
            x = F.conv2d(x, self.weight, padding=1)
        coefficients = (styles.square() @ self.energy + 1e-8 / LRELU_GAIN**2).rsqrt()
        x = x * coefficients[:, :, None, None] + self.bias + self.noise
        return F.leaky_relu(x, LRELU_SLOPE)


class BakedToRGB(nn.Module):
    """`ToRGBLayer` with its weight gain in the affine."""

    def __init__(self, layer: ToRGBLayer) -> None:
        super().__init__()
        self.affine = BakedLinear(layer.affine, gain=layer.weight_gain)
        self.register_buffer("weight", layer.weight.detach().clone())
        self.register_buffer("bias", layer.bias.detach().clone())

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(batch, in, h, w) to (batch, 3, h, w)."""
        return F.conv2d(x * self.affine(w)[:, :, None, None], self.weight, self.bias)


class ServedGenerator(nn.Module):
    """The graph of a model file: z (batch, layers, z_dim), c (batch, classes) and psi (batch) in.

    Truncation pulls every style towards the average style of the class asked for (a mixture of
    classes has the mixture of their averages), so that a low psi keeps the class.
    """

    class_averages: Tensor

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        mapping = generator.mapping
        self.embed = BakedLinear(mapping.embed)
        self.mapping = nn.ModuleList(
            BakedLinear(getattr(mapping, f"fc{i}")) for i in range(mapping.num_layers)
        )
        self.register_buffer("class_averages", class_averages(generator))
        blocks = [getattr(generator.synthesis, f"b{r}") for r in generator.config.block_resolutions]
        first: SynthesisBlock = blocks[0]
        self.register_buffer("const", first.const.detach()[None].clone())
        self.input = None if first.input is None else BakedLinear(first.input)
        self.register_buffer(
            "upsample", (first.resample_filter * 4).expand(3, 1, 4, 4).contiguous()
        )
        self.layers = nn.ModuleList(
            BakedSynthesisLayer(layer) for b in blocks for layer in _convolutions(b)
        )
        self.colours = nn.ModuleList(BakedToRGB(block.torgb) for block in blocks)

    def forward(self, z: Tensor, c: Tensor, psi: Tensor) -> Tensor:
        """One picture for each row, (batch, 3, height, width) in [-1, 1]."""
        ws = self._styles(z, c, psi)
        x = self.const.expand(z.shape[0], -1, -1, -1)
        if self.input is not None:
            x = x + self.input(ws[:, 0]).unflatten(1, self.const.shape[1:])
        x = self.layers[0](x, ws[:, 0])
        image = self.colours[0](x, ws[:, 1])
        for block in range(1, len(self.colours)):
            layer = 2 * block - 1
            x = self.layers[layer](x, ws[:, layer])
            x = self.layers[layer + 1](x, ws[:, layer + 1])
            image = F.conv_transpose2d(image, self.upsample, stride=2, padding=1, groups=3)
            image = image + self.colours[block](x, ws[:, layer + 2])
        return image.clamp(-1, 1)

    def _styles(self, z: Tensor, c: Tensor, psi: Tensor) -> Tensor:
        layers = z.shape[1]
        label = normalize_second_moment(self.embed(c))[:, None].expand(-1, layers, -1).flatten(0, 1)
        x = torch.cat([normalize_second_moment(z.flatten(0, 1)), label], dim=1)
        for layer in self.mapping:
            x = layer(x)
        average = (c @ self.class_averages)[:, None]
        return average + psi[:, None, None] * (x.unflatten(0, (-1, layers)) - average)


def _convolutions(block: SynthesisBlock) -> list[SynthesisLayer]:
    return [block.conv1] if block.is_first else [block.conv0, block.conv1]


def export(generator: Generator, facts: ModelFacts, path: Path) -> float:
    """Write `generator` to `path` and return its largest difference from torch on a batch of random
    latents.

    Raises ValueError, and writes nothing, where the difference is above `TOLERANCE` or the
    generator has no classes.
    """
    if not generator.config.classes:
        raise ValueError(
            "only a class-conditional generator can be exported: this one has no classes"
        )
    generator = generator.cpu().float().eval()
    served = ServedGenerator(generator).eval()
    model = _to_onnx(served, generator)
    _describe(model, facts)
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    error = compare(data, generator)
    if error > TOLERANCE:
        raise ValueError(
            f"{path}: the exported model differs from torch by {error:.2g}; allowed: {TOLERANCE}"
        )
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return error


def _to_onnx(served: ServedGenerator, generator: Generator) -> onnx.ModelProto:
    config = generator.config
    example = (
        torch.randn(2, config.num_ws, config.z_dim),
        torch.eye(config.classes)[:2],
        torch.ones(2),
    )
    batch = torch.export.Dim("batch", min=1)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            served,
            example,
            dynamo=True,
            opset_version=OPSET,
            input_names=["z", "c", "psi"],
            output_names=["image"],
            dynamic_shapes=({0: batch}, {0: batch}, {0: batch}),
            verbose=False,
        )
    model = program.model_proto
    for node in model.graph.node:  # names and stack traces of the machine that exported
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
        *model.graph.initializer,
    ]:
        del value.metadata_props[:]
    return model


def _describe(model: onnx.ModelProto, facts: ModelFacts) -> None:
    names = {cloud.code: cloud.name for cloud in CLOUD_TYPES}
    classes = [{"code": code, "name": names.get(code, code)} for code in facts.classes]
    del model.metadata_props[:]
    properties = {
        "skyserver.format": "1",
        "skyserver.name": facts.name,
        "skyserver.classes": json.dumps(classes),
        "skyserver.wraps_horizontally": "false",
        "skyserver.licence": facts.licence,
        "skyserver.training": json.dumps(facts.training, sort_keys=True),
    }
    onnx.helper.set_model_props(model, properties)


@torch.no_grad()
def compare(data: bytes, generator: Generator, batch: int = 5) -> float:
    """Largest difference between the ONNX model and torch at psi 1, one latent per layer, every
    class in turn."""
    config = generator.config
    rng = np.random.default_rng(0)
    z = rng.standard_normal((batch, config.num_ws, config.z_dim), np.float32)
    c = np.eye(config.classes, dtype=np.float32)[rng.integers(config.classes, size=batch)]
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (image,) = session.run(None, {"z": z, "c": c, "psi": np.ones(batch, np.float32)})
    labels = torch.from_numpy(c).repeat_interleave(config.num_ws, dim=0)
    ws = generator.mapping(torch.from_numpy(z).flatten(0, 1), labels).unflatten(0, (batch, -1))
    expected = generator.synthesis(ws, noise="const").clamp(-1, 1)
    error = float(np.abs(image - expected.numpy()).max())
    return error if math.isfinite(error) else math.inf
