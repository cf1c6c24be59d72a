"""A small model of the specification, made without training; every input matters."""

from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from skyserver.clouds import CLOUD_TYPES

LAYERS, Z_DIM, CLASSES, SIZE, CELLS = 10, 16, len(CLOUD_TYPES), 64, 8


def tiny_model() -> onnx.ModelProto:
    """`image` is a random linear map of z * psi and c, squashed, on 8 x 8 cells enlarged to 64²."""
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.1, (LAYERS * Z_DIM + CLASSES, 3 * CELLS * CELLS))
    weights[-CLASSES:] *= 5
    constants = {
        "weights": weights.astype(np.float32),
        "flat": np.array([0, LAYERS * Z_DIM]),
        "column": np.array([1]),
        "cells": np.array([0, 3, CELLS, CELLS]),
        "scales": np.array([1, 1, SIZE / CELLS, SIZE / CELLS], np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["z", "flat"], ["z_flat"]),
        helper.make_node("Unsqueeze", ["psi", "column"], ["psi_column"]),
        helper.make_node("Mul", ["z_flat", "psi_column"], ["z_truncated"]),
        helper.make_node("Concat", ["z_truncated", "c"], ["features"], axis=1),
        helper.make_node("MatMul", ["features", "weights"], ["raw"]),
        helper.make_node("Tanh", ["raw"], ["bounded"]),
        helper.make_node("Reshape", ["bounded", "cells"], ["small"]),
        helper.make_node("Resize", ["small", "", "scales"], ["image"], mode="linear"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs=[
            helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", LAYERS, Z_DIM]),
            helper.make_tensor_value_info("c", TensorProto.FLOAT, ["batch", CLASSES]),
            helper.make_tensor_value_info("psi", TensorProto.FLOAT, ["batch"]),
        ],
        outputs=[
            helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])
        ],
        initializer=[numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    classes = [{"code": cloud.code, "name": cloud.name} for cloud in CLOUD_TYPES]
    helper.set_model_props(
        model,
        {
            "skyserver.format": "1",
            "skyserver.name": "tiny",
            "skyserver.classes": json.dumps(classes),
            "skyserver.wraps_horizontally": "false",
            "skyserver.licence": "CC0-1.0",
            "skyserver.training": json.dumps({"kimg": 0}),
        },
    )
    return model
