"""Quantized weights in the place of float32 ones, in a model that any ONNX Runtime opens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from training.quantize.packing import OPSET, TABLE, dequantizer, lookup, pack, plane_widths
from training.quantize.targets import Target, targets
from training.quantize.trellis import TrellisCoded, table
from training.quantize.weights import Quantized, Rounder, as_matrix, nearest

HALF = 16  # bits of a float16
SMALLEST_HALF = 128  # entries of a float16 constant; below, the Cast is as large as what is saved


@dataclass(frozen=True)
class Plan:
    """How one weight is stored: codes of 2 to 8 bits with a scale for every `block` columns
    (None: for every output channel), or 16 bits, which is float16 and has no scales."""

    bits: int
    block: int | None = None

    def size(self, target: Target) -> int:
        """Bytes of codes and scales."""
        entries = target.rows * target.columns
        scales = 0 if self.bits == HALF else entries // (self.block or target.columns)
        return entries * self.bits // 8 + 2 * scales


@dataclass(frozen=True)
class _Weight:
    """The initializer `name` as codes and scales."""

    name: str
    target: Target
    quantized: Quantized

    @property
    def in_streams(self) -> bool:
        """Whether its codes are those of a trellis."""
        return isinstance(self.quantized, TrellisCoded)

    @property
    def group(self) -> str:
        """The same for all weights that can be unpacked together."""
        kind = "trellis" if self.in_streams else "int"
        return f"{kind}{self.quantized.bits}x{self.quantized.blocks().shape[1]}"


def quantize_weights(
    model: onnx.ModelProto,
    plan: Mapping[str, Plan],
    rounder: Rounder = nearest,
) -> onnx.ModelProto:
    """A copy of the model in which the initializers that `plan` names are stored as it says.

    Each is made again from constants by nodes whose output has its name; nothing else in the graph
    changes. Weights of as many bits and of blocks (or streams) of one length are unpacked together,
    since a file of few nodes is quickly loaded. Raises ValueError for a model of an opset before
    `OPSET` with anything but float16 in the plan, and for a name that is not among `targets`.
    """
    opset = next(entry.version for entry in model.opset_import if not entry.domain)
    widths = sorted({entry.bits for entry in plan.values()} - {HALF})
    if widths and opset < OPSET:
        raise ValueError(f"int{widths[0]}: not in opset {opset}; allowed: opset {OPSET} or later")
    known = targets(model)
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.initializer[:]
    nodes: list[NodeProto] = []
    alike: dict[str, list[_Weight]] = {}
    for tensor in model.graph.initializer:
        stored = plan.get(tensor.name)
        if stored is None:
            result.graph.initializer.append(tensor)
        elif stored.bits == HALF:
            nodes += _half(result.graph, tensor)
        elif tensor.name in known:
            weight = _rounded(tensor, known[tensor.name], stored, rounder)
            alike.setdefault(weight.group, []).append(weight)
        else:
            raise ValueError(f"{tensor.name}: not a weight that can be quantized")
    for group, weights in alike.items():
        nodes += _codes(result.graph, group, weights)
    if any(TABLE in node.input for node in nodes):
        _constant(result.graph, TABLE, table())
    nodes += result.graph.node
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def halves(model: onnx.ModelProto) -> dict[str, Plan]:
    """Float16 for every float32 initializer that gains by it and whose values it can hold."""
    return {
        tensor.name: Plan(HALF)
        for tensor in model.graph.initializer
        if tensor.data_type == TensorProto.FLOAT
        and math.prod(tensor.dims) >= SMALLEST_HALF
        and np.abs(numpy_helper.to_array(tensor)).max() < np.finfo(np.float16).max
    }


def _half(graph: onnx.GraphProto, tensor: TensorProto) -> list[NodeProto]:
    half = numpy_helper.to_array(tensor).astype(np.float16)
    stored = _constant(graph, f"{tensor.name}.half", half)
    return [helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT)]


def _rounded(tensor: TensorProto, target: Target, plan: Plan, rounder: Rounder) -> _Weight:
    matrix = as_matrix(numpy_helper.to_array(tensor), target.axis)
    return _Weight(tensor.name, target, rounder(tensor.name, matrix, plan.bits, plan.block))


def _codes(graph: onnx.GraphProto, group: str, weights: Sequence[_Weight]) -> list[NodeProto]:
    """Constants and nodes of all weights of a group."""
    bits, in_streams = weights[0].quantized.bits, weights[0].in_streams
    blocks = [weight.quantized.blocks() for weight in weights]
    codes = np.concatenate(blocks)
    for width, plane in zip(plane_widths(bits), pack(codes, bits), strict=True):
        _constant(graph, f"{group}.codes{width}", plane)
    if in_streams:
        nodes = lookup(group, bits, codes.shape[1])
    else:
        nodes = dequantizer(group, bits, codes.shape[1])
        scales = np.concatenate([weight.quantized.scales.ravel() for weight in weights])
        _constant(graph, f"{group}.scales", scales.astype(np.float16)[:, None])
    counts = _constant(graph, f"{group}.blocks", np.array([len(block) for block in blocks]))
    parts = [f"{weight.name}.blocks" for weight in weights]
    nodes.append(helper.make_node("Split", [f"{group}.weights", counts], parts))
    for weight in weights:
        nodes += _from_streams(graph, weight) if in_streams else _from_blocks(graph, weight)
    return nodes


def _from_blocks(graph: onnx.GraphProto, weight: _Weight) -> list[NodeProto]:
    """From blocks of rows to the weight, whose output channels may not come first."""
    name, axis, shape = weight.name, weight.target.axis, weight.target.shape
    moved = (weight.target.rows, *shape[:axis], *shape[axis + 1 :])
    if all(size == 1 for size in shape[:axis]):
        return [helper.make_node("Reshape", [f"{name}.blocks", _shape(graph, shape)], [name])]
    back = [*range(1, axis + 1), 0, *range(axis + 1, len(shape))]
    return [
        helper.make_node("Reshape", [f"{name}.blocks", _shape(graph, moved)], [f"{name}.rows"]),
        helper.make_node("Transpose", [f"{name}.rows"], [name], perm=back),
    ]


def _from_streams(graph: onnx.GraphProto, weight: _Weight) -> list[NodeProto]:
    """From streams, which are columns, to the weight: rows times their scales, in their place."""
    name, axis, shape = weight.name, weight.target.axis, weight.target.shape
    moved = (*shape[:axis], *shape[axis + 1 :], weight.target.rows)
    scales = weight.quantized.scales[:, 0].astype(np.float16)
    back = [*range(axis), len(shape) - 1, *range(axis, len(shape) - 1)]
    stored = _constant(graph, f"{name}.scales", scales)
    return [
        helper.make_node("Cast", [stored], [f"{name}.factors"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.blocks", f"{name}.factors"], [f"{name}.scaled"]),
        helper.make_node("Reshape", [f"{name}.scaled", _shape(graph, moved)], [f"{name}.columns"]),
        helper.make_node("Transpose", [f"{name}.columns"], [name], perm=back),
    ]


def _shape(graph: onnx.GraphProto, shape: tuple[int, ...]) -> str:
    """The name of a constant that several weights of one shape share."""
    name = "shape." + "x".join(map(str, shape))
    if all(tensor.name != name for tensor in graph.initializer):
        _constant(graph, name, np.array(shape, np.int64))
    return name


def _constant(graph: onnx.GraphProto, name: str, value: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(value, name))
    return name
