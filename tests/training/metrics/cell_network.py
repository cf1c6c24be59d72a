"""A feature network whose features can be computed by hand: the mean colour of every cell."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from skyserver.clouds import CLOUD_TYPES

SIZE, CELL = 16, 8
CODES = [cloud.code for cloud in CLOUD_TYPES]
PER_CLASS = 10  # real pictures of each cloud type


def cell_means(pictures):
    """What the network gives for pictures (n, 16, 16, 3) of uint8, in float64."""
    x = (pictures.astype(np.float64) - 127) / 128
    cells = x.reshape(len(x), SIZE // CELL, CELL, SIZE // CELL, CELL, 3).mean(axis=(2, 4))
    return cells.transpose(0, 3, 1, 2).reshape(len(x), -1)


def cell_network(batch="n", size=SIZE, outputs=("f",)):
    flat = numpy_helper.from_array(np.array([0, 3 * (SIZE // CELL) ** 2]), "flat")
    nodes = [
        helper.make_node(
            "AveragePool", ["x"], ["cells"], kernel_shape=[CELL] * 2, strides=[CELL] * 2
        )
    ]
    nodes += [helper.make_node("Reshape", ["cells", "flat"], [output]) for output in outputs]
    graph = helper.make_graph(
        nodes,
        "cells",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", None]) for name in outputs],
        [flat],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
