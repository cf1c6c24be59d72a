"""An experiment that runs in seconds: tiny pictures, tiny networks, a feature network of sums."""

import json
import shutil

import numpy as np
import onnx
import pytest

from training import kid

OPTIONS = {
    "data": "sky.zip", "metric_features": "features.onnx", "metric_kimg": 0.016, "tick_kimg": 0.016,
    "kimg": 0.032, "resolution": 16, "batch": 8, "z_dim": 8, "w_dim": 8, "channel_base": 64,
    "channel_max": 8, "discriminator": "stylegan2", "augment": "none", "precision": "float32",
}  # fmt: skip
BASE = {"data": "sky.zip", "metric_features": "", "conditional": False, "kimg": 0.016}


def write_features(path):
    """An ONNX feature network: the picture of 16 pixels through one fixed random matrix."""
    matrix = np.random.default_rng(0).normal(0, 0.03, (768, 12)).astype(np.float32)
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["x"], ["flat"]),
            helper.make_node("MatMul", ["flat", "matrix"], ["f"]),
        ],
        "features",
        [helper.make_tensor_value_info("x", kind, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info("f", kind, ["n", 12])],
        [onnx.numpy_helper.from_array(matrix, "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, path)


@pytest.fixture
def laboratory(tmp_path, tiny_data, monkeypatch):
    """A folder with the data, an experiment of two arms and an empty folder for its results."""
    monkeypatch.setattr(kid, "PICTURES", 24)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    (tmp_path / "results").mkdir()
    shutil.copy(tiny_data, tmp_path / "data" / "sky.zip")
    write_features(tmp_path / "data" / "features.onnx")
    ramped = {"transfer": "gd", "ramp_kimg": 0.02}
    arms = [
        {"title": "Scratch", "options": {}, "reported_fid": 134.5},
        {"title": "G + D, ramped", "options": ramped, "reported_fid": 29},
        {"title": "Fine-tune", "options": {"conditional": False, "transfer": "gd"}},
    ]
    values = {"options": OPTIONS, "base": BASE, "arms": arms, "seeds": [0, 1]}
    (tmp_path / "config.json").write_text(json.dumps(values))
    return tmp_path
