import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from training import export
from training.network import Generator, GeneratorConfig
from training.quantize.grams import gram_matrices, latents
from training.quantize.targets import LAYERS
from training.quantize.weights import as_matrix

PICTURES = 2


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    config = GeneratorConfig(
        resolution=16, classes=3, z_dim=8, w_dim=8, channel_base=128, channel_max=8
    )
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    export.export(Generator(config), export.ModelFacts("tiny", ["a", "b", "d"], "MIT", {}), path)
    return onnx.load(path)


@pytest.fixture(scope="module")
def grams(model):
    return gram_matrices(model, PICTURES, seed=3)


def outputs(model, value, seed):
    """All that onnxruntime computes for `value` from the pictures of `gram_matrices`."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.append(onnx.ValueInfoProto(name=value))
    session = onnxruntime.InferenceSession(shown.SerializeToString())
    feeds = latents(model, PICTURES, seed)
    return np.concatenate([session.run([value], feed)[0].astype(np.float64) for feed in feeds])


def test_the_gram_matrix_tells_how_a_change_of_a_convolution_changes_its_outputs(model, grams):
    """Also after the low-pass filter, where one follows; onnxruntime is the truth."""
    rng = np.random.default_rng(0)
    kinds = set()
    for node in model.graph.node:
        if node.op_type not in ("Conv", "ConvTranspose") or node.input[1] not in grams:
            continue
        kinds.add(node.op_type)
        seen = node.output[0]
        if node.op_type == "ConvTranspose":
            (smoothing,) = [n for n in model.graph.node if seen in n.input]
            seen = smoothing.output[0]
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        (tensor,) = [t for t in changed.graph.initializer if t.name == node.input[1]]
        weight = numpy_helper.to_array(tensor)
        change = rng.standard_normal(weight.shape).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(weight + change, tensor.name))
        found = np.square(outputs(changed, seen, 3) - outputs(model, seen, 3)).sum()
        rows = as_matrix(change, axis=int(node.op_type == "ConvTranspose"))
        told = np.einsum("oi,ij,oj", rows, grams[tensor.name], rows)
        np.testing.assert_allclose(told, found, rtol=1e-4)
    assert kinds == {"Conv", "ConvTranspose"}


def test_linear_layers_see_many_more_latents_than_pictures(grams):
    """So the matrix of a style layer has full rank."""
    affine = grams["layers.0.affine.weight"]
    assert affine.shape == (8, 8)
    assert np.linalg.matrix_rank(affine) == 8
    np.testing.assert_allclose(affine, affine.T)


def test_every_layer_that_the_picture_depends_on_has_one_but_resampling(model, grams):
    taken = {
        node.input[1]
        for node in model.graph.node
        if node.op_type in LAYERS and node.input[0] != "c"
    }
    assert taken - set(grams) == {name for name in taken if name.endswith(("fir", "upsample"))}


def test_pictures_are_ordinary_and_of_every_class_in_turn(model):
    feeds = list(latents(model, 4, seed=1))
    assert [feed["c"].argmax() for feed in feeds] == [0, 1, 2, 0]
    assert all((feed["z"] == feed["z"][:, :1]).all() for feed in feeds)
    assert not np.array_equal(feeds[0]["z"], feeds[3]["z"])
