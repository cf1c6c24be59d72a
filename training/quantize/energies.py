"""Demodulation energies computed from the weights, instead of stored beside them.

A served generator scales the outputs of a convolution by rsqrt(styles² · W2), where W2 (in, out) is
the sum over the taps of the squared weights (`training/served.py`). ONNX Runtime folds a constant
sum when it loads the file: W2 need not be in it, and it follows the weights when they are rounded.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

TOLERANCE = 1e-4  # relative


def compute_energies(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of the model that makes every energy from the kernel it belongs to."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    kernels = {}
    for node in model.graph.node:
        if node.op_type in ("Conv", "ConvTranspose") and node.input[1] in constants:
            kernels[node.input[1]] = node.op_type == "ConvTranspose"
    taps = {
        name: _taps(numpy_helper.to_array(constants[name]), transposed)
        for name, transposed in kernels.items()
    }
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            continue
        tensor = constants.pop(node.input[1])
        energy = numpy_helper.to_array(tensor)
        for name, squares in taps.items():
            factor = _factor(energy, squares)
            if factor is not None:
                result.graph.initializer.remove(tensor)
                nodes += _made_from(result.graph, name, kernels[name], factor, tensor.name)
                break
    nodes += result.graph.node
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def _taps(kernel: NDArray[np.float32], transposed: bool) -> NDArray[np.float32]:
    """Sum over the taps of the squared kernel: (in, out)."""
    squares: NDArray[np.float32] = np.square(kernel).sum(axis=(2, 3))
    return squares if transposed else squares.T


def _factor(energy: NDArray[np.float32], squares: NDArray[np.float32]) -> float | None:
    """What the squares are to be multiplied by to be the energy; None if nothing does it."""
    if energy.shape != squares.shape or not squares.any():
        return None
    factor = float(energy.sum() / squares.sum())
    return factor if np.allclose(energy, factor * squares, rtol=TOLERANCE, atol=0) else None


def _made_from(
    graph: onnx.GraphProto, kernel: str, transposed: bool, factor: float, energy: str
) -> list[NodeProto]:
    constants = {"taps": np.array([2, 3]), f"gain.{factor:.6g}": np.float32(factor)}
    present = {tensor.name for tensor in graph.initializer}
    for name, value in constants.items():
        if name not in present:
            graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    squares, scaled = f"{energy}.squares", energy if transposed else f"{energy}.outputs"
    nodes = [
        helper.make_node("ReduceSumSquare", [kernel, "taps"], [squares], keepdims=0),
        helper.make_node("Mul", [squares, f"gain.{factor:.6g}"], [scaled]),
    ]
    if not transposed:
        nodes.append(helper.make_node("Transpose", [scaled], [energy], perm=[1, 0]))
    return nodes
