from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from training import dataset, kid
from training.batches import to_float
from training.config import TrainConfig
from training.kid import KidProbe

COUNT = 64


@pytest.fixture
def features(tmp_path):
    """A network whose features are the mean colour."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 16, 16])
    f = helper.make_tensor_value_info("f", TensorProto.FLOAT, ["n", 3])
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["f"]),
    ]
    graph = helper.make_graph(nodes, "mean", [x], [f])
    path = tmp_path / "mean.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, path)
    return path


@pytest.fixture
def probe(features, tiny_data, monkeypatch):
    monkeypatch.setattr(kid, "PICTURES", COUNT)
    config = TrainConfig(data=str(tiny_data), run="r", kimg=1.0, metric_features=str(features))
    return KidProbe(config, dataset.load(tiny_data, 16))


class Drawer:
    """Draws pictures of the data set of the class asked for, `darker` by some part of the range."""

    def __init__(self, data, darker=0.0, classes=2):
        self.data, self.darker, self.config = data, darker, SimpleNamespace(classes=classes)
        self.asked = []

    def __call__(self, z, c, **_):
        labels = torch.zeros(len(z), dtype=torch.int64) if c is None else c.argmax(dim=1)
        self.asked += labels.tolist()
        first = [int((self.data.labels == label).nonzero()[0]) for label in labels]
        chosen = torch.tensor(first) + (z[:, 0] > 0).long()
        return to_float(self.data.images[chosen]) - 2 * self.darker


def test_real_pictures_are_nearer_than_darker_ones(probe, tiny_data):
    data = dataset.load(tiny_data, 16)
    same, dark, darker = (probe(Drawer(data, by), torch.float32) for by in (0.0, 0.1, 0.2))
    for name in ("kid", "fd"):
        assert max(same[name], 0) < dark[name] / 5
        assert dark[name] < darker[name]
    assert probe(Drawer(data, 0.1), torch.float32) == dark


def test_kid_is_that_of_mean_colours(probe, tiny_data):
    """With the double sum over kernels written out."""
    data = dataset.load(tiny_data, 16)
    drawer = Drawer(data, classes=0)
    found = probe(drawer, torch.float32)["kid"]
    means = (data.images.float().mean(dim=(2, 3)).double().numpy() - 127) / 128
    pairs = means[:2]  # what an unconditional drawer shows
    fake = pairs[(probe.z[:, 0] > 0).long().numpy()]

    def k(a, b):
        return (a @ b.T / 3 + 1) ** 3

    def within(a):
        return (k(a, a).sum() - np.trace(k(a, a))) / (len(a) * (len(a) - 1))

    expected = within(fake) + within(means) - 2 * k(fake, means).mean()
    assert found == pytest.approx(1000 * expected, rel=1e-4)


def test_classes_are_asked_for_as_often_as_the_data_has_them(probe, tiny_data):
    drawer = Drawer(dataset.load(tiny_data, 16))
    probe(drawer, torch.float32)
    assert len(drawer.asked) == COUNT
    assert 0.3 < np.mean(drawer.asked) < 0.7
