"""Activations in 8 bits too, by onnxruntime's own quantizers.

`static` gives every convolution integer inputs, weights and outputs with ranges that calibration
found; `dynamic` finds the ranges of inputs anew at every picture.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from training.quantize.graph import Plan, halves, quantize_weights
from training.quantize.latents import Feed, OnStep
from training.quantize.polyphase import to_convolutions
from training.quantize.targets import targets

FEWEST_CHANNELS = 64  # of a convolution that integers make faster, on both its sides


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds one after the other, as onnxruntime asks for them."""

    def __init__(self, feeds: Sequence[Feed], on_step: OnStep) -> None:
        self._feeds, self._done, self._on_step = feeds, 0, on_step

    def get_next(self) -> Feed | None:
        """The next picture's inputs."""
        if self._done == len(self._feeds):
            return None
        self._on_step(self._done, len(self._feeds))
        self._done += 1
        return self._feeds[self._done - 1]


def static(model: onnx.ModelProto, feeds: Sequence[Feed], on_step: OnStep) -> onnx.ModelProto:
    """Wide convolutions in integers, calibrated on `feeds`; all other weights of 8 bits.

    Transposed ones become convolutions first (`polyphase.py`). Narrow ones, the filters and those
    to colours gain no time by it and cost quality.
    """
    prepared = to_convolutions(model, FEWEST_CHANNELS)
    convolutions = _name_convolutions(prepared)
    with _quiet(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "static.onnx"
        quantize_static(
            prepared,
            path,
            _Reader(feeds, on_step),
            quant_format=QuantFormat.QDQ,
            nodes_to_quantize=convolutions,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        quantized = onnx.load(path)
    _interleave_codes(quantized)
    return _shrink_rest(quantized)


def dynamic(model: onnx.ModelProto) -> onnx.ModelProto:
    """What `onnxruntime.quantization.quantize_dynamic` makes of the model."""
    with _quiet(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dynamic.onnx"
        quantize_dynamic(model, path, per_channel=True, weight_type=QuantType.QInt8)
        return onnx.load(path)


def _name_convolutions(model: onnx.ModelProto) -> list[str]:
    """Name every node, since onnxruntime's quantizer takes names; those that it is to quantize."""
    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    names = []
    for index, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}.{index}"
        channels = shapes.get(node.input[1], [0])[:2] if node.op_type == "Conv" else [0]
        if min(channels) >= FEWEST_CHANNELS:
            names.append(node.name)
    return names


def _interleave_codes(model: onnx.ModelProto) -> None:
    """Swap each DequantizeLinear with the DepthToSpace after it, which then moves a quarter of the
    bytes: the same numbers."""
    makers = {name: node for node in model.graph.node for name in node.output}
    for second in [node for node in model.graph.node if node.op_type == "DepthToSpace"]:
        first = makers[second.input[0]]
        readers = [node for node in model.graph.node if first.output[0] in node.input]
        if first.op_type != "DequantizeLinear" or len(readers) > 1:
            continue
        codes = f"{second.output[0]}.codes"
        interleave, linear = onnx.NodeProto(), onnx.NodeProto()
        interleave.CopyFrom(second)
        interleave.input[0], interleave.output[0] = first.input[0], codes
        linear.CopyFrom(first)
        linear.input[0], linear.output[0] = codes, second.output[0]
        first.CopyFrom(interleave)
        second.CopyFrom(linear)


def _shrink_rest(model: onnx.ModelProto) -> onnx.ModelProto:
    """All that is float32 still, but the scales of integers, in 8 or 16 bits."""
    linear = ("QuantizeLinear", "DequantizeLinear")
    scales = {node.input[1] for node in model.graph.node if node.op_type in linear}
    plan = halves(model) | {name: Plan(8) for name in targets(model)}
    return quantize_weights(model, {name: plan[name] for name in plan.keys() - scales})


@contextmanager
def _quiet() -> Iterator[None]:
    """Without onnxruntime's advice to preprocess the model: it has been."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
