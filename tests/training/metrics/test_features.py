import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from cell_network import cell_means, cell_network
from PIL import Image

from training.metrics import FeatureNetwork, features, kernel_distance

DATA = Path(__file__).parents[4] / "shared/data"
NETWORK = DATA / "efficientnet_lite0_gap1280_logits.onnx"


def pictures(n=20, size=16):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), np.uint8)


def saved(tmp_path, model):
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    return path


def test_pictures_reach_the_network_as_it_was_trained(network_file):
    done = []
    computed = FeatureNetwork(network_file, threads=1)(pictures(), done.append)
    assert computed.dtype == np.float64
    np.testing.assert_allclose(computed, cell_means(pictures()), atol=1e-6)
    assert sum(done) == 20


def test_other_sizes_are_resized_bicubically(network_file):
    large = pictures(2, 40)
    edges = (16, 16)
    small = [Image.fromarray(each).resize(edges, Image.Resampling.BICUBIC) for each in large]
    expected = cell_means(np.stack([np.asarray(each) for each in small]))
    np.testing.assert_allclose(FeatureNetwork(network_file)(large), expected, atol=1e-6)


def test_float_pictures_keep_what_eight_bits_would_lose(network_file):
    network = FeatureNetwork(network_file)
    levels = pictures(3, 40).astype(np.float32) / 255
    np.testing.assert_allclose(network(levels), network(pictures(3, 40)), atol=0.02)
    moved = network(levels * np.float32(0.999)) - network(levels)
    np.testing.assert_allclose(moved, -0.001 * (network(levels) + 127 / 128), atol=1e-5)


def test_only_the_published_inception_file_gives_fid(network_file, monkeypatch):
    network = FeatureNetwork(network_file)
    assert (network.name, network.distance) == ("cells.onnx", "FD")
    monkeypatch.setattr(features, "INCEPTION", network.digest)
    assert FeatureNetwork(network_file).distance == "FID"


def test_a_file_named_like_inception_is_not_it(tmp_path, network_file):
    path = tmp_path / "inception-2015-12-05.pt"
    path.write_bytes(network_file.read_bytes())
    assert FeatureNetwork(path).distance == "FD"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (cell_network(batch=1), "takes .1, 3, 16, 16.; allowed"),
        (cell_network(size="any"), "any.*allowed: one input"),
        (cell_network(outputs=("a", "b")), "allowed: one output"),
    ],
)
def test_a_network_of_another_form_is_refused(tmp_path, model, reason):
    with pytest.raises(ValueError, match=rf"net\.onnx: .*{reason}"):
        FeatureNetwork(saved(tmp_path, model))


def test_a_network_that_fails_on_pictures_is_named(tmp_path):
    network = FeatureNetwork(saved(tmp_path, cell_network(size=8)))  # 3 features, reshaped to 12
    with pytest.raises(ValueError, match=r"net\.onnx: does not run") as caught:
        network(pictures(3))
    assert "\n" not in str(caught.value)


def test_of_several_outputs_the_one_named_f_is_taken(tmp_path):
    network = FeatureNetwork(saved(tmp_path, cell_network(outputs=("logits", "f"))))
    assert network(pictures(2)).shape == (2, 12)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x09broken"])
def test_an_unreadable_network_is_named(tmp_path, content):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"net\.onnx") as caught:
        FeatureNetwork(path)
    assert "\n" not in str(caught.value)


def test_a_network_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.onnx: cannot be read"):
        FeatureNetwork(tmp_path / "none.onnx")


def test_weights_in_other_files_are_refused(tmp_path):
    model = cell_network()
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")
    tensor.ClearField("raw_data")
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="external data"):
        FeatureNetwork(path)


@pytest.mark.skipif(not NETWORK.exists(), reason="the feature network is not beside the checkout")
def test_shrinking_moves_pictures_away_from_real_ones():
    with zipfile.ZipFile(DATA / "ccsn-256.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".webp")][::25]
        photographs = np.stack([np.asarray(Image.open(archive.open(name))) for name in names])
    network = FeatureNetwork(NETWORK, threads=1)
    real, other = network(photographs[::2]), network(photographs[1::2])
    small = network(photographs[1::2, ::8, ::8])
    assert kernel_distance(real, small) > kernel_distance(real, other) + 0.05
