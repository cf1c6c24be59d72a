"""A quantized model file: made, measured, described and, if it is good enough, written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnx

from skyserver.files import write_files
from skyserver.model import SkyModel
from training.quantize.error import Error, measure
from training.quantize.latents import Feed, OnStep
from training.quantize.source import KEY, Source


def write(
    source: Source,
    graph: onnx.ModelProto,
    method: str,
    output: Path,
    feeds: Sequence[Feed],
    most: float,
    threads: int = 0,
    on_step: OnStep = lambda _done, _total: None,
) -> Error:
    """Write what `method` made of the source, with its error on the pictures of `feeds`.

    The file keeps all that the source says of itself. Raises ValueError, and writes nothing, where
    the root mean square error is above `most` levels of 255.
    """
    del graph.metadata_props[:]
    graph.metadata_props.extend(source.graph.metadata_props)
    error = measure(_open(graph, threads), source.model, feeds, on_step)
    if error.levels > most:
        raise ValueError(
            f"{output}: not written: {method} has an error of {error.levels:.1f} levels of 255 "
            f"({error.psnr:.1f} dB); allowed by --max-error: {most:g}"
        )
    facts = {
        "method": method,
        "psnr": round(error.psnr, 2),
        "rms_levels": round(error.levels, 3),
        "largest": round(error.largest, 4),
        "pictures": len(feeds),
        "source": source.model.info.digest,
    }
    graph.metadata_props.add(key=KEY, value=json.dumps(facts))
    _open(graph, threads)
    write_files({output: graph.SerializeToString()})
    return error


def _open(graph: onnx.ModelProto, threads: int) -> SkyModel:
    """The model as skyserver will load it from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(graph, path)
        return SkyModel.load(path, threads, "cpu")
