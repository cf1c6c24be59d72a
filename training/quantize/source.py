"""The model file that is to be quantized."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto

from skyserver.errors import ModelError
from skyserver.model import SkyModel

KEY = "skyserver.quantization"  # metadata of a file that this package wrote
PLAIN = (TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL)


@dataclass(frozen=True)
class Source:
    """A generator with float32 weights: its graph, and the same to draw with."""

    path: Path
    graph: onnx.ModelProto
    model: SkyModel


def read(path: Path, threads: int = 0) -> Source:
    """Read a model file of the specification (docs/model-file.md) whose weights are float32.

    What ONNX Runtime does not need is left out: names of nodes, shapes in between.

    Raises ModelError for a file that skyserver would not serve, and for one with weights of
    another type, which is quantized already.
    """
    model = SkyModel.load(path, threads, "cpu")
    graph = onnx.load(path)
    method = {entry.key: entry.value for entry in graph.metadata_props}.get(KEY)
    kinds = {tensor.data_type for tensor in graph.graph.initializer} - set(PLAIN)
    if method is not None or kinds:
        found = method or ", ".join(sorted(TensorProto.DataType.Name(kind) for kind in kinds))
        raise ModelError(f"{path}: already quantized ({found}); allowed: float32 weights")
    del graph.graph.value_info[:]
    for node in graph.graph.node:
        node.name = node.doc_string = ""
    return Source(path, graph, model)
