from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from skyserver.model import SkyModel
from training import export
from training.export import ModelFacts
from training.fused import FusedGenerator
from training.hyper import HyperGenerator
from training.network import Generator, GeneratorConfig
from training.served import ServedGenerator

SHAPE = GeneratorConfig(resolution=16, classes=3, z_dim=8, w_dim=8, channel_base=128, channel_max=8)
FACTS = ModelFacts("tiny", ["Ac", "Cu", "Xx"], "MIT", {})


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    generator = Generator(replace(SHAPE, conv_clamp=0.8)).eval()
    for name, parameter in generator.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            parameter.data.normal_(std=0.3)
    return generator


@pytest.fixture(scope="module")
def exported(generator, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "fused.onnx"
    return path, export.export(generator, FACTS, path, "fused")


def test_it_draws_what_the_unfused_form_draws(generator):
    z, psi = torch.randn(1, SHAPE.num_ws, 8), torch.tensor([0.7])
    c = torch.tensor([[0.0, 0.25, 0.75]])
    with torch.no_grad():
        fused = FusedGenerator(generator)(z, c, psi)
        unfused = ServedGenerator(generator)(z, c, psi)
    assert (fused - unfused).abs().max() < 1e-4
    assert fused.std() > 0.1


def test_the_file_draws_what_torch_draws(exported):
    _, error = exported
    assert error < 1e-4


def test_convolutions_have_computed_weights_and_the_mapping_network_products(exported):
    path, _ = exported
    graph = onnx.load(path).graph
    constants = {tensor.name for tensor in graph.initializer}
    convolutions = [n for n in graph.node if n.op_type in ("Conv", "ConvTranspose")]
    computed = [n for n in convolutions if n.input[1] not in constants]
    assert len(computed) == 5 + 3  # 3x3 layers, and to colours
    products = [n.input[1] for n in graph.node if n.op_type == "MatMul"]
    assert [n for n in products if n.startswith("mapping.")] == [
        "mapping.0.weight",
        "mapping.1.weight",
    ]
    assert set(products) <= constants


def test_skyserver_serves_it_and_its_batch_is_one(exported):
    path, _ = exported
    assert SkyModel.load(path).info.width == 16
    feed = {"z": np.zeros((2, 6, 8), np.float32), "c": np.zeros((2, 3), np.float32)}
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
        onnxruntime.InferenceSession(path).run(None, feed | {"psi": np.ones(2, np.float32)})


def test_class_heads_are_refused():
    with pytest.raises(ValueError, match="form: fused is not allowed with class heads"):
        FusedGenerator(HyperGenerator(replace(SHAPE, hyper_rank=2)))
