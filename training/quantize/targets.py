"""Which constants of a model are worth quantizing, and what their output channels are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import onnx
from onnx import NodeProto, TensorProto

LINEAR = ("Gemm", "MatMul")
LAYERS = ("Conv", "ConvTranspose", *LINEAR)
SMALLEST = 1024  # entries; below, scales and nodes eat what is saved


@dataclass(frozen=True)
class Target:
    """A float32 initializer of `shape` whose output channels are counted by `axis`."""

    shape: tuple[int, ...]
    axis: int

    @property
    def rows(self) -> int:
        """Output channels."""
        return self.shape[self.axis]

    @property
    def columns(self) -> int:
        """Entries of each output channel."""
        return math.prod(self.shape) // self.rows


def targets(model: onnx.ModelProto) -> dict[str, Target]:
    """Kernels, matrices, noise and other large constants, by name of initializer.

    Left out are the filters of depthwise convolutions (all alike, and few), what is smaller than
    `SMALLEST`, and what would not fill whole bytes at every width.
    """
    uses: dict[str, list[tuple[NodeProto, int]]] = {}
    for node in model.graph.node:
        for slot, name in enumerate(node.input):
            uses.setdefault(name, []).append((node, slot))
    found = {}
    for tensor in model.graph.initializer:
        size = math.prod(tensor.dims)
        if tensor.data_type != TensorProto.FLOAT or size < SMALLEST or size % 8:
            continue
        shape = tuple(tensor.dims)
        used = uses.get(tensor.name, [])
        axes = {_output_axis(node, slot) for node, slot in used if node.op_type in LAYERS}
        if not axes and used:  # noise, a learned constant: its first axis of any length
            axes = {next(axis for axis, size in enumerate(shape) if size > 1)}
        if len(axes) == 1 and (axis := axes.pop()) is not None:
            found[tensor.name] = Target(shape, axis)
    return found


def shared_by_styles(model: onnx.ModelProto) -> set[str]:
    """The targets that all styles are made with: embedding, mapping network, average styles.

    They are the weights of linear layers that another linear layer follows.
    """
    found = targets(model)
    followed: set[str] = set()  # what is computed here reaches a linear layer
    shared = set()
    for node in reversed(model.graph.node):
        reaches = not followed.isdisjoint(node.output)
        linear = node.op_type in LINEAR and node.input[1] in found
        if linear and reaches:
            shared.add(node.input[1])
        if linear or reaches:
            followed.update(node.input)
    return shared


def _output_axis(node: NodeProto, slot: int) -> int | None:
    """The axis of output channels in input number `slot` of a layer; None: not to be quantized."""
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if slot != 1 or attributes.get("group", 1) > 1:
        return None
    if node.op_type == "Conv" or attributes.get("transB", 0):
        return 0
    return 1
