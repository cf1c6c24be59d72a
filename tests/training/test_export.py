import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from skyserver.model import SkyModel
from training import export
from training.export import ModelFacts
from training.network import Generator, GeneratorConfig
from training.served import ServedGenerator

SMALL = GeneratorConfig(
    resolution=32, classes=3, z_dim=8, w_dim=8, channel_base=256, channel_max=16
)
FACTS = ModelFacts("tiny", ["Ac", "Cu", "Xx"], "MIT", {"kimg": 1.5})


def build(latent_input=True, conv_clamp=None):
    torch.manual_seed(0)
    config = replace(SMALL, latent_input=latent_input, conv_clamp=conv_clamp)
    generator = Generator(config).eval()
    for name, parameter in generator.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            parameter.data.normal_(std=0.3)
    return generator


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    generator = build()
    error = export.export(generator, FACTS, path)
    return generator, path, error


@pytest.mark.parametrize("latent_input", [False, True])
@pytest.mark.parametrize("conv_clamp", [None, 0.3])
def test_baked_network_is_the_trained_one(latent_input, conv_clamp):
    generator = build(latent_input, conv_clamp)
    z, c = torch.randn(3, 8), torch.eye(3)
    with torch.no_grad():
        stack = z[:, None].expand(-1, SMALL.num_ws, -1)
        image = ServedGenerator(generator)(stack, c, torch.ones(3))
        expected = generator(z, c, noise="const").clamp(-1, 1)
    assert (image - expected).abs().max() < 1e-4


def test_the_file_agrees_with_torch_for_any_batch(exported):
    generator, path, error = exported
    assert error < 1e-4
    for batch in (1, 2, 7):
        assert export.compare(path.read_bytes(), generator, batch) < 1e-4


def test_the_file_is_self_contained_and_describes_itself(exported):
    _, path, _ = exported
    model = onnx.load(path, load_external_data=False)
    properties = {p.key: p.value for p in model.metadata_props}
    assert json.loads(properties["skyserver.classes"])[1] == {"code": "Cu", "name": "cumulus"}
    assert json.loads(properties["skyserver.training"]) == {"kimg": 1.5}
    assert all(t.data_location != onnx.TensorProto.EXTERNAL for t in model.graph.initializer)
    assert model.opset_import[0].version >= 18
    assert b"/training/" not in path.read_bytes()


def test_skyserver_loads_it(exported):
    _, path, _ = exported
    info = SkyModel.load(path).info
    assert (info.name, info.height, info.width, info.layers, info.z_dim) == ("tiny", 32, 32, 8, 8)


def test_no_convolution_has_computed_weights(exported):
    _, path, _ = exported
    graph = onnx.load(path).graph
    constants = {tensor.name for tensor in graph.initializer}
    weights = [
        node.input[1] for node in graph.node if node.op_type in ("Conv", "ConvTranspose", "Gemm")
    ]
    assert weights
    assert set(weights) <= constants


def test_truncation_keeps_the_class(exported):
    """At psi 0 every latent gives the picture of its class's average style."""
    _, path, _ = exported
    session = onnxruntime.InferenceSession(path)
    z = np.random.default_rng(0).standard_normal((4, 8, 8), np.float32)
    c = np.eye(3, dtype=np.float32)[[0, 0, 1, 1]]
    (image,) = session.run(None, {"z": z, "c": c, "psi": np.zeros(4, np.float32)})
    np.testing.assert_allclose(image[0], image[1], atol=1e-5)
    np.testing.assert_allclose(image[2], image[3], atol=1e-5)
    assert np.abs(image[0] - image[2]).max() > 0.01


def test_each_layer_takes_its_own_latent(exported):
    _, path, _ = exported
    session = onnxruntime.InferenceSession(path)
    z = np.random.default_rng(0).standard_normal((1, 8, 8), np.float32).repeat(9, axis=0)
    z[np.arange(1, 9), np.arange(8)] += 1
    c = np.eye(3, dtype=np.float32)[[0] * 9]
    (image,) = session.run(None, {"z": z, "c": c, "psi": np.ones(9, np.float32)})
    assert (np.abs(image[1:] - image[0]).max(axis=(1, 2, 3)) > 1e-3).all()


def test_a_model_that_differs_from_torch_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "compare", lambda *_: 0.5)
    with pytest.raises(ValueError, match=r"differs from torch by 0\.5"):
        export.export(build(), FACTS, tmp_path / "bad.onnx")
    assert not list(tmp_path.iterdir())


def test_a_generator_without_classes_is_a_model_of_one(tmp_path):
    config = GeneratorConfig(resolution=16, classes=0, z_dim=8, w_dim=8, channel_max=16)
    torch.manual_seed(0)
    path = tmp_path / "any.onnx"
    assert export.export(Generator(config), ModelFacts("any", [], "MIT", {}), path) < 1e-4
    info = SkyModel.load(path).info
    assert [cloud.code for cloud in info.classes] == ["any"]
