import numpy as np

from training import metrics
from training.experiments import config, floor
from training.experiments.floor import real_floor


def test_the_floor_is_half_the_real_set_against_the_other(laboratory):
    plan = config.load(laboratory / "config.json", laboratory / "data", laboratory / "runs")
    found = real_floor(plan.arms[0].config)
    assert found.count == 16
    network = metrics.FeatureNetwork(laboratory / "data" / "features.onnx")
    dark, light = (
        network(
            np.random.default_rng(level).integers(level - 20, level + 20, (16, 16, 16, 3), np.uint8)
        )
        for level in (60, 200)
    )
    assert 0 < found.fd < metrics.frechet_distance(dark, light) / 2
    assert abs(found.kid) < 1000 * metrics.kernel_distance(dark, light) / 2


def test_it_is_computed_once(laboratory, monkeypatch):
    plan = config.load(laboratory / "config.json", laboratory / "data", laboratory / "runs")
    found = real_floor(plan.arms[0].config)
    monkeypatch.setattr(floor.dataset, "load", None)
    assert real_floor(plan.arms[0].config) == found
