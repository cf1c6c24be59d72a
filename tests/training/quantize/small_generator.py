"""The graph of a served generator in small, made without torch: 64² pictures of two classes.

Mapping, learned constant, convolution, transposed convolution with its filter, noise, demodulation
energies and colours, as `training/served.py` writes them.
"""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnx.parser
from onnx import helper, numpy_helper

LATENT, WIDTH = 32, 64
CODES = ("Ac", "Cu")
FIR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16

GRAPH = """
<ir_version: 9, opset_import: ["": {opset}]>
small (float[batch, 2, 32] z, float[batch, 2] c, float[batch] psi)
=> (float[batch, 3, 64, 64] image)
{{
    latent = Gather <axis: int = 1> (z, first)
    column = Unsqueeze (psi, one)
    truncated = Mul (latent, column)
    class = MatMul (c, classes)
    both = Add (truncated, class)
    w = Gemm <transB: int = 1> (both, mapping_weight, mapping_bias)

    styles_0 = MatMul (w, affine_0)
    channels_0 = Unsqueeze (styles_0, last_two)
    in_0 = Mul (const, channels_0)
    out_0 = Conv <pads: ints = [1, 1, 1, 1]> (in_0, weight_0)
    squared_0 = Mul (styles_0, styles_0)
    power_0 = MatMul (squared_0, energy_0)
    root_0 = Sqrt (power_0)
    norm_0 = Unsqueeze (root_0, last_two)
    unit_0 = Div (out_0, norm_0)
    noisy_0 = Add (unit_0, noise_0)
    x = LeakyRelu <alpha: float = 0.2> (noisy_0)

    styles_1 = MatMul (w, affine_1)
    channels_1 = Unsqueeze (styles_1, last_two)
    in_1 = Mul (x, channels_1)
    wide_1 = ConvTranspose <strides: ints = [2, 2]> (in_1, weight_1)
    out_1 = Conv <pads: ints = [1, 1, 1, 1], group: int = 64> (wide_1, fir)
    squared_1 = Mul (styles_1, styles_1)
    power_1 = MatMul (squared_1, energy_1)
    root_1 = Sqrt (power_1)
    norm_1 = Unsqueeze (root_1, last_two)
    unit_1 = Div (out_1, norm_1)
    noisy_1 = Add (unit_1, noise_1)
    y = LeakyRelu <alpha: float = 0.2> (noisy_1)

    colours = Conv (y, colours_weight)
    image = Clip (colours, low, high)
}}
"""


def small_generator(opset: int = 18) -> onnx.ModelProto:
    model: onnx.ModelProto = onnx.parser.parse_model(GRAPH.format(opset=opset))
    constants = {name: np.asarray(value) for name, value in _constants().items()}
    model.graph.initializer.extend(
        numpy_helper.from_array(
            value.astype(np.float32) if value.dtype.kind == "f" else value, name
        )
        for name, value in constants.items()
    )
    helper.set_model_props(
        model,
        {
            "skyserver.format": "1",
            "skyserver.name": "small",
            "skyserver.classes": json.dumps([{"code": code, "name": code} for code in CODES]),
            "skyserver.wraps_horizontally": "false",
            "skyserver.licence": "CC0-1.0",
            "skyserver.training": json.dumps({"kimg": 0}),
        },
    )
    return model


def feed(label: int, seed: int = 0) -> dict[str, np.ndarray]:
    """One picture's inputs."""
    z = np.random.default_rng(seed).standard_normal((1, 1, LATENT), np.float32)
    c = np.eye(len(CODES), dtype=np.float32)[[label]]
    return {"z": np.repeat(z, 2, axis=1), "c": c, "psi": np.ones(1, np.float32)}


def _constants() -> dict[str, np.ndarray | float]:
    rng = np.random.default_rng(0)
    kernels = rng.standard_normal((2, WIDTH, WIDTH, 3, 3)).astype(np.float32)
    energies = np.square(kernels).sum(axis=(3, 4)) / 2
    return {
        "first": np.array(0),
        "one": np.array([1]),
        "last_two": np.array([2, 3]),
        "low": -1.0,
        "high": 1.0,
        "classes": rng.standard_normal((2, LATENT)),
        "mapping_weight": rng.standard_normal((LATENT, LATENT)) / LATENT**0.5,
        "mapping_bias": rng.standard_normal(LATENT),
        "const": rng.standard_normal((1, WIDTH, 32, 32)),
        "weight_0": kernels[0],  # (out, in, 3, 3)
        "weight_1": kernels[1],  # (in, out, 3, 3)
        "energy_0": energies[0].T,  # (in, out)
        "energy_1": energies[1],
        "affine_0": rng.standard_normal((LATENT, WIDTH)) / LATENT**0.5,
        "affine_1": rng.standard_normal((LATENT, WIDTH)) / LATENT**0.5,
        "noise_0": 0.1 * rng.standard_normal((1, 32, 32)),
        "noise_1": 0.1 * rng.standard_normal((1, 64, 64)),
        "fir": np.tile(FIR, (WIDTH, 1, 1, 1)),
        "colours_weight": 0.05 * rng.standard_normal((3, WIDTH, 1, 1)),
    }
