"""onnx-neural-compressor's rounding of matrices: `rtn`, `gptq` and `awq` to 4 bits.

It reaches MatMul with a constant matrix and nothing else. Its numpy is not ours, so it runs in an
environment of its own, as the program `neural_compressor.py`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import helper

from skyserver.errors import MissingExtra
from training.quantize.latents import Feed

METHODS = ("rtn", "gptq", "awq")
ENVIRONMENT = Path(__file__).parents[2] / ".venv-compressor"
DOMAIN = "com.microsoft"  # of MatMulNBits
PROGRAM = Path(__file__).with_name("neural_compressor.py")


def compress(model: onnx.ModelProto, method: str, feeds: Sequence[Feed]) -> onnx.ModelProto:
    """The model with 4-bit matrices (MatMulNBits) by one of `METHODS`.

    gptq and awq calibrate on the pictures that `feeds` describe, at least one; rtn needs none.

    Raises MissingExtra where the environment is not set up, and ValueError with the library's own
    last line where it fails.
    """
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise MissingExtra(
            f"{method}: needs onnx-neural-compressor in an environment of its own: `make "
            "compressor` (pip install .[compressor] in .venv-compressor)"
        )
    with TemporaryDirectory(prefix="compressor-") as folder:
        given, wanted, calibration = (
            Path(folder) / n for n in ("in.onnx", "out.onnx", "feeds.npz")
        )
        onnx.save(_prepared(model), given)
        names = [value.name for value in model.graph.input]
        np.savez(calibration, **{n: np.concatenate([f[n] for f in feeds]) for n in names if feeds})
        # -P: the modules beside the program must not hide the library's own
        command = [python, "-P", PROGRAM, method, given, wanted, "--feeds", calibration]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise ValueError(f"{method}: onnx-neural-compressor failed: {said[-1]}")
        result = onnx.load(wanted)
    return _restored(result)


def _prepared(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model in the terms that the library counts on.

    It knows nodes by their names. And its awq divides whatever constants the node before a matrix
    takes by the scales of the matrix's rows, a Gemm's transposed weight along the wrong axis and a
    gain that others share too: it finds none where constants come from nodes.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    matrices = {node.input[1] for node in graph.node if node.op_type == "MatMul"}
    kept = [tensor for tensor in graph.initializer if tensor.name in matrices]
    nodes = [
        helper.make_node("Constant", [], [tensor.name], value=tensor)
        for tensor in graph.initializer
        if tensor.name not in matrices
    ]
    nodes += graph.node
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    for index, node in enumerate(graph.node):
        node.name = f"{node.op_type}-{index}"
    return result


def _restored(model: onnx.ModelProto) -> onnx.ModelProto:
    """Constants as initializers again, and the operators' domain named, which the library omits."""
    graph = model.graph
    nodes = []
    for node in graph.node:
        if node.op_type == "Constant":
            (value,) = node.attribute
            value.t.name = node.output[0]
            graph.initializer.append(value.t)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    if all(entry.domain != DOMAIN for entry in model.opset_import):
        model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return model
