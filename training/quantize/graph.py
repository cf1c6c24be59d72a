"""Quantized weights in the place of float32 ones, in a model that any ONNX Runtime opens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from training.quantize.packing import DOMAIN, OPSET, dequantizer, pack, plane_widths
from training.quantize.targets import Target, targets
from training.quantize.weights import Rounder, as_matrix, nearest

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


def quantize_weights(
    model: onnx.ModelProto,
    plan: Mapping[str, Plan],
    rounder: Rounder = nearest,
) -> onnx.ModelProto:
    """A copy of the model in which the initializers that `plan` names are stored as it says.

    Each is made again from constants by one node whose output has its name; nothing else in the
    graph changes. Raises ValueError for a model of an opset before `OPSET` with anything but
    float16 in the plan, and for a name that is not among `targets`.
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
    for tensor in model.graph.initializer:
        stored = plan.get(tensor.name)
        if stored is None:
            result.graph.initializer.append(tensor)
        elif stored.bits == HALF:
            nodes += _half(result.graph, tensor)
        elif tensor.name in known:
            nodes += _codes(result.graph, tensor, known[tensor.name], stored, rounder)
        else:
            raise ValueError(f"{tensor.name}: not a weight that can be quantized")
    nodes += result.graph.node
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    if widths:
        result.functions.extend(dequantizer(bits) for bits in widths)
        result.opset_import.append(helper.make_opsetid(DOMAIN, 1))
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


def _codes(
    graph: onnx.GraphProto, tensor: TensorProto, target: Target, plan: Plan, rounder: Rounder
) -> list[NodeProto]:
    name, axis = tensor.name, target.axis
    matrix = as_matrix(numpy_helper.to_array(tensor), axis)
    quantized = rounder(name, matrix, plan.bits, plan.block)
    planes = [
        _constant(graph, f"{name}.codes{width}", plane)
        for width, plane in zip(
            plane_widths(plan.bits), pack(quantized.codes, plan.bits), strict=True
        )
    ]
    scales = quantized.scales.astype(np.float16)[:, :, None]
    moved = (target.rows, *target.shape[:axis], *target.shape[axis + 1 :])
    in_place = all(size == 1 for size in target.shape[:axis])
    inputs = [
        *planes,
        _constant(graph, f"{name}.scales", scales),
        _shape(graph, target.shape if in_place else moved),
    ]
    made = name if in_place else f"{name}.rows"
    nodes = [helper.make_node(f"Dequantize{plan.bits}", inputs, [made], domain=DOMAIN)]
    if not in_place:
        back = [*range(1, axis + 1), 0, *range(axis + 1, len(target.shape))]
        nodes.append(helper.make_node("Transpose", [made], [name], perm=back))
    return nodes


def _shape(graph: onnx.GraphProto, shape: tuple[int, ...]) -> str:
    """The name of a constant that several weights of one shape share."""
    name = "shape." + "x".join(map(str, shape))
    if all(tensor.name != name for tensor in graph.initializer):
        _constant(graph, name, np.array(shape, np.int64))
    return name


def _constant(graph: onnx.GraphProto, name: str, value: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(value, name))
    return name
