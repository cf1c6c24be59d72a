"""Transposed convolutions of stride 2 as convolutions, which integer kernels exist for.

Output sample 2i + a of a transposed convolution with taps w sees x[i - 1] w[2] + x[i] w[0] where
a = 0, and x[i] w[1] where a = 1: in two dimensions four convolutions with 2x2 taps, whose outputs
interleave. Seven of their sixteen taps are zero: slower in float32, faster in int8.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper


def to_convolutions(model: onnx.ModelProto, fewest: int = 1) -> onnx.ModelProto:
    """A copy of the model with a Conv and a DepthToSpace for every transposed convolution that has
    a constant 3x3 kernel from and to at least `fewest` channels, stride 2, no padding and one
    group, and feeds one Conv with padding.

    The interleaved picture has a row and a column of zeros more at its end, which that Conv's
    padding gives up.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    constants = {tensor.name: tensor for tensor in result.graph.initializer}
    nodes: list[NodeProto] = []
    for node in result.graph.node:
        follower = _follower(result.graph, node, constants, fewest)
        if follower is None:
            nodes.append(node)
            continue
        tensor = constants[node.input[1]]
        kernel = four_phases(numpy_helper.to_array(tensor))
        tensor.CopyFrom(numpy_helper.from_array(kernel, tensor.name))
        phases = f"{node.output[0]}.phases"
        nodes += [
            helper.make_node("Conv", node.input, [phases], pads=[1, 1, 1, 1]),
            helper.make_node("DepthToSpace", [phases], node.output, blocksize=2),
        ]
        pads = next(a for a in follower.attribute if a.name == "pads")
        pads.ints[2] -= 1
        pads.ints[3] -= 1
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def four_phases(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """(in, out, 3, 3) of the transposed convolution to (4 * out, in, 2, 2) of the convolution.

    Output channels are in the order that DepthToSpace interleaves: phase (0, 0), (0, 1), (1, 0),
    (1, 1), each with all channels.
    """
    taps = np.zeros((2, 2, 3), np.float32)  # phase, tap of the convolution, tap of the kernel
    taps[0, 0, 2] = taps[0, 1, 0] = taps[1, 1, 1] = 1
    phases = np.einsum("ayp,bxq,iopq->aboiyx", taps, taps, kernel)
    return np.ascontiguousarray(phases.reshape(-1, kernel.shape[0], 2, 2).astype(np.float32))


def _follower(
    graph: onnx.GraphProto,
    node: NodeProto,
    constants: dict[str, onnx.TensorProto],
    fewest: int,
) -> NodeProto | None:
    """The one Conv behind a node that can be rewritten."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    fits = (
        node.op_type == "ConvTranspose"
        and len(node.input) == 2
        and node.input[1] in constants
        and list(constants[node.input[1]].dims)[2:] == [3, 3]
        and min(constants[node.input[1]].dims[:2]) >= fewest
        and attributes.get("strides") == [2, 2]
        and attributes.get("group", 1) == 1
        and not any(attributes.get("pads", []))
        and not any(attributes.get("output_padding", []))
    )
    users = [other for other in graph.node if fits and node.output[0] in other.input]
    if len(users) != 1 or users[0].op_type != "Conv":
        return None
    pads = {a.name: list(a.ints) for a in users[0].attribute}.get("pads", [0, 0, 0, 0])
    return users[0] if min(pads[2:]) > 0 else None
