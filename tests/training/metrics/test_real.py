import numpy as np
import pytest
from cell_network import CODES, PER_CLASS

from training.metrics import FeatureNetwork, real
from training.metrics.real import RealSet


class Stages:
    """Hears what is begun and how far it gets."""

    def __init__(self):
        self.begun = []

    def __call__(self, description, _total):
        self.begun.append(description)
        return lambda _: None


def test_features_are_made_once(cloud_data, network_file, tmp_path):
    network, stages = FeatureNetwork(network_file), Stages()
    made = RealSet(cloud_data, CODES, network, 64, tmp_path, stages)
    assert stages.begun == ["real pictures", "real pictures at 64 pixels"]
    np.testing.assert_allclose(made.features, network(made.pictures), rtol=1e-6)
    kept = RealSet(cloud_data, CODES, network, 64, tmp_path, stages)
    assert len(stages.begun) == 2
    np.testing.assert_array_equal(kept.features, made.features)
    np.testing.assert_array_equal(kept.shrunk, made.shrunk)
    assert np.bincount(kept.labels).tolist() == [PER_CLASS] * 11


def test_another_network_or_size_is_another_entry(cloud_data, network_file, tmp_path):
    network, stages = FeatureNetwork(network_file), Stages()
    RealSet(cloud_data, CODES, network, 64, tmp_path, stages)
    RealSet(cloud_data, CODES, network, 32, tmp_path, stages)
    network.digest = "another"
    RealSet(cloud_data, CODES, network, 32, tmp_path, stages)
    assert [description[14:] for description in stages.begun[2:4]] == ["at 32 pixels", ""]
    assert len(stages.begun) == 5


def test_shrunk_pictures_are_seen_at_the_models_size(cloud_data, network_file, tmp_path):
    """The network's pictures are 16² here: made from 16² nothing is left to lose, made from 4² the
    cells have run into each other."""
    network = FeatureNetwork(network_file)

    def lost(size):
        found = RealSet(cloud_data, CODES, network, size, tmp_path, Stages())
        return np.abs(found.shrunk - found.features).mean()

    assert lost(64) < 0.2 * lost(4)
    assert lost(512) == 0


def test_a_data_set_that_is_not_there_is_named(network_file, tmp_path):
    with pytest.raises(ValueError, match=r"none\.zip: cannot be read"):
        RealSet(tmp_path / "none.zip", CODES, FeatureNetwork(network_file), 64, tmp_path, Stages())


def test_other_classes_are_refused_before_the_network_runs(cloud_data, network_file, tmp_path):
    network, stages = FeatureNetwork(network_file), Stages()
    for _ in range(2):  # nothing is kept of it either
        with pytest.raises(ValueError, match=r"clouds\.zip: holds .* allowed: the model's"):
            RealSet(cloud_data, ["Cu"], network, 64, tmp_path, stages)
    assert not stages.begun


def test_nothing_is_decoded_when_all_is_known(cloud_data, network_file, tmp_path, monkeypatch):
    network = FeatureNetwork(network_file)
    RealSet(cloud_data, CODES, network, 64, tmp_path, Stages())
    monkeypatch.setattr(real.dataset, "load", lambda *_: pytest.fail("decoded"))
    RealSet(cloud_data, CODES, network, 64, tmp_path, Stages())
