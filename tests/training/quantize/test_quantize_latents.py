import numpy as np
import pytest

from skyserver.errors import NotFound
from skyserver.model import SkyModel
from training.quantize.latents import feeds


def test_every_class_has_as_many_pictures_of_its_own_latents(small_file):
    info = SkyModel.load(small_file).info
    made = feeds(info, 3, seed=0)
    assert [int(feed["c"].argmax()) for feed in made] == [0, 1] * 3
    latents = {feed["z"].tobytes() for feed in made}
    assert len(latents) == 6
    for feed in made:
        assert feed["z"].shape == (1, info.layers, info.z_dim)
        np.testing.assert_array_equal(feed["z"][:, 0], feed["z"][:, 1])
        assert feed["c"].sum() == feed["psi"].item() == 1


def test_other_seeds_are_other_latents_and_a_seed_is_its_own(small_file):
    info = SkyModel.load(small_file).info
    first, again, other = (feeds(info, 1, seed)[0]["z"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, other).any()


def test_classes_can_be_chosen_but_not_made_up(small_file):
    info = SkyModel.load(small_file).info
    assert [int(feed["c"].argmax()) for feed in feeds(info, 2, 0, ["Cu"])] == [1, 1]
    with pytest.raises(NotFound, match="classes: 'Xy' is unknown; known: Ac, Cu"):
        feeds(info, 1, 0, ["Cu", "Xy"])
