"""A trained generator to the ONNX file that skyserver serves; docs/model-file.md specifies it.

`training/served.py` is the graph in it.
"""

from __future__ import annotations

import json
import logging
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from skyserver.clouds import CLOUD_TYPES
from training.fused import FusedGenerator
from training.network import Generator, GeneratorConfig
from training.served import ServedGenerator

OPSET = 18
FORMS = {"unfused": ServedGenerator, "fused": FusedGenerator}
TOLERANCE = 1e-3  # largest difference from torch on [-1, 1] that an exported model may show


@dataclass(frozen=True)
class ModelFacts:
    """What the file says of itself beside its shapes."""

    name: str
    classes: list[str]
    licence: str
    training: dict[str, object]


def export(generator: Generator, facts: ModelFacts, path: Path, form: str = "unfused") -> float:
    """Write `generator` to `path` and return its largest difference from torch on a batch of random
    latents.

    `form` is one of `FORMS`; fused, as published code exports it, takes one picture at a time. A
    generator without classes becomes a model of one class, `any`. Raises ValueError, and writes
    nothing, where the difference is above `TOLERANCE`.
    """
    generator = generator.cpu().float().eval()
    graph = FORMS[form](generator).eval()
    model = _to_onnx(graph, generator.config)
    _describe(model, facts)
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    error = compare(data, generator)
    if error > TOLERANCE:
        raise ValueError(
            f"{path}: the exported model differs from torch by {error:.2g}; allowed: {TOLERANCE}"
        )
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return error


def _to_onnx(served: ServedGenerator, config: GeneratorConfig) -> onnx.ModelProto:
    # with class heads, and fused, each picture has weights of its own
    one_by_one = config.hyper_rank > 0 or isinstance(served, FusedGenerator)
    count = 1 if one_by_one else 2
    width = max(config.classes, 1)
    example = (
        torch.randn(count, config.num_ws, config.z_dim),
        torch.full((count, width), 1 / width),
        torch.ones(count),
    )
    batch = torch.export.Dim("batch", min=1)
    dynamic = None if one_by_one else ({0: batch}, {0: batch}, {0: batch})
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            served,
            example,
            dynamo=True,
            opset_version=OPSET,
            input_names=["z", "c", "psi"],
            output_names=["image"],
            dynamic_shapes=dynamic,
            verbose=False,
        )
    model = program.model_proto
    for node in model.graph.node:  # names and stack traces of the machine that exported
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
        *model.graph.initializer,
    ]:
        del value.metadata_props[:]
    return model


def _describe(model: onnx.ModelProto, facts: ModelFacts) -> None:
    names = {cloud.code: cloud.name for cloud in CLOUD_TYPES}
    codes = facts.classes or ["any"]
    classes = [{"code": code, "name": names.get(code, code)} for code in codes]
    del model.metadata_props[:]
    properties = {
        "skyserver.format": "1",
        "skyserver.name": facts.name,
        "skyserver.classes": json.dumps(classes),
        "skyserver.wraps_horizontally": "false",
        "skyserver.licence": facts.licence,
        "skyserver.training": json.dumps(facts.training, sort_keys=True),
    }
    onnx.helper.set_model_props(model, properties)


@torch.no_grad()
def compare(data: bytes, generator: Generator, batch: int = 5) -> float:
    """Largest difference between the ONNX model and torch at psi 1, one latent per layer, every
    class in turn."""
    config = generator.config
    rng = np.random.default_rng(0)
    z = rng.standard_normal((batch, config.num_ws, config.z_dim), np.float32)
    width = max(config.classes, 1)
    c = np.eye(width, dtype=np.float32)[rng.integers(width, size=batch)]
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    feed = {"z": z, "c": c, "psi": np.ones(batch, np.float32)}
    fixed = session.get_inputs()[0].shape[0]
    step = fixed if isinstance(fixed, int) else batch
    parts = [{k: v[i : i + step] for k, v in feed.items()} for i in range(0, batch, step)]
    image = np.concatenate([session.run(None, part)[0] for part in parts])
    labels = torch.from_numpy(c).repeat_interleave(config.num_ws, dim=0)
    ws = generator.mapping(torch.from_numpy(z).flatten(0, 1), labels).unflatten(0, (batch, -1))
    expected = generator.synthesis(ws, noise="const").clamp(-1, 1)
    error = float(np.abs(image - expected.numpy()).max())
    return error if math.isfinite(error) else math.inf
