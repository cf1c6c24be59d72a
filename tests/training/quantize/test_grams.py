import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from skyserver.model import SkyModel
from training.quantize import grams as module
from training.quantize.grams import STYLES, gram_matrices
from training.quantize.latents import feeds
from training.quantize.weights import as_matrix

PICTURES, SEED = 2, 3


@pytest.fixture
def info(small_file):
    return SkyModel.load(small_file).info


@pytest.fixture
def grams(small, info):
    pictures, styles = feeds(info, PICTURES, SEED), feeds(info, STYLES, SEED)
    return gram_matrices(small, pictures, styles, threads=1)


def outputs(model, value, info):
    """All that onnxruntime computes for `value` from the pictures of `grams`."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.append(onnx.ValueInfoProto(name=value))
    session = onnxruntime.InferenceSession(shown.SerializeToString())
    runs = [session.run([value], feed)[0] for feed in feeds(info, PICTURES, SEED)]
    return np.concatenate(runs).astype(np.float64)


@pytest.mark.parametrize(
    ("weight", "seen"),
    [("weight_0", "out_0"), ("weight_1", "out_1"), ("colours_weight", "colours")],
)
def test_the_matrix_tells_how_a_change_of_a_kernel_changes_what_comes_of_it(
    small, info, grams, weight, seen
):
    """After the low-pass filter, where one follows; onnxruntime is the truth."""
    changed = onnx.ModelProto()
    changed.CopyFrom(small)
    (tensor,) = [t for t in changed.graph.initializer if t.name == weight]
    before = numpy_helper.to_array(tensor)
    change = np.random.default_rng(0).standard_normal(before.shape).astype(np.float32)
    tensor.CopyFrom(numpy_helper.from_array(before + change, weight))
    found = np.square(outputs(changed, seen, info) - outputs(small, seen, info)).sum()
    rows = as_matrix(change, axis=int(weight == "weight_1"))
    told = np.einsum("oi,ij,oj", rows, grams[weight], rows)
    np.testing.assert_allclose(told, found, rtol=1e-4)


def test_linear_layers_see_many_more_latents_than_pictures(grams):
    """A picture is but one sample of a style."""
    affine = grams["affine_0"]
    assert affine.shape == (32, 32)
    assert np.linalg.matrix_rank(affine) == 32


def test_resampling_and_what_the_class_weights_choose_from_have_none(grams):
    weights = {"mapping_weight", "colours_weight"}
    weights |= {f"{kind}_{layer}" for kind in ("affine", "weight", "energy") for layer in (0, 1)}
    assert set(grams) == weights


def test_a_part_of_the_outputs_tells_of_all(small, info, grams, monkeypatch):
    monkeypatch.setattr(module, "PLACES", 1024)
    pictures, styles = feeds(info, PICTURES, SEED), feeds(info, STYLES, SEED)
    part = gram_matrices(small, pictures, styles, threads=1)["weight_1"]
    whole = grams["weight_1"]
    assert (part != whole).any()
    assert np.linalg.norm(part - whole) < 0.1 * np.linalg.norm(whole)
    np.testing.assert_allclose(np.diag(part), np.diag(whole), rtol=0.3)
