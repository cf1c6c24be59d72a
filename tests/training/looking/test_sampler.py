import numpy as np
import pytest
import torch

from skyserver.latents import latent
from skyserver.model import SkyModel
from training.batches import to_pixels
from training.export import ModelFacts, export
from training.hyper import HyperGenerator
from training.looking.sampler import Sampler
from training.network import GeneratorConfig
from training.served import ServedGenerator


@pytest.fixture(scope="module")
def served(sampler, tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "model.onnx"
    export(sampler.generator, ModelFacts("small", sampler.classes, "MIT", {}), path)
    return SkyModel.load(path)


@pytest.mark.parametrize(
    ("code", "seed", "psi"), [("Cu", 7, 0.8), ("St", 2**64 - 1, 1.0), ("Xx", 0, 0.0)]
)
def test_a_seed_gives_the_picture_of_the_exported_model(sampler, served, code, seed, psi):
    z = np.tile(latent(seed, 0, served.info.z_dim), (1, served.info.layers, 1))
    expected = np.round(served.run(z, served.class_weights(code), psi) * 255)
    (picture,) = sampler.draw(sampler.every_layer(sampler.style(code, seed, psi)[None]))
    assert np.abs(picture - expected[0]).max() <= 1
    assert picture.std() > 5


def test_class_heads_are_drawn_as_they_are_served():
    """Hyper-modulation: the class's code rides behind the style and is not truncated away."""
    torch.manual_seed(0)
    shape = {"resolution": 16, "z_dim": 8, "w_dim": 8, "channel_base": 128, "channel_max": 8}
    generator = HyperGenerator(GeneratorConfig(classes=2, hyper_rank=2, **shape))
    generator.mapping.codes.embed.data.normal_()  # apart: they start alike
    sampler = Sampler(generator, ["Cu", "St"])
    pictures = [
        sampler.draw(sampler.every_layer(sampler.style(code, 7, 0.5)[None]))[0]
        for code in ("Cu", "St")
    ]
    z = sampler.latent(7).expand(1, generator.config.num_ws, -1)
    with torch.no_grad():
        served = ServedGenerator(generator)(z, sampler.weights("St")[None], torch.tensor([0.5]))
    assert np.abs(pictures[1].astype(int) - to_pixels(served)[0]).max() <= 1
    assert np.abs(pictures[1].astype(int) - pictures[0]).mean() > 1


def test_pictures_do_not_depend_on_how_many_are_drawn(sampler):
    w = torch.stack([sampler.style("Cu", seed, 1.0) for seed in range(20)])
    drawn = []
    together = sampler.draw(sampler.every_layer(w), lambda: drawn.append(1))
    alone = sampler.draw(sampler.every_layer(w[17:18]))
    assert len(drawn) == 20
    assert np.abs(together[17].astype(int) - alone[0]).max() <= 1


def test_an_unconditional_model_truncates_to_its_one_average(unconditional):
    averages = [unconditional.style("", seed, 0.0) for seed in (1, 2)]
    torch.testing.assert_close(averages[0], averages[1])
    assert unconditional.classes == []
    with pytest.raises(ValueError, match="'Cu' is not allowed; allowed: none"):
        unconditional.style("Cu", 1, 1.0)


def test_an_unknown_class_is_named_with_those_there_are(sampler):
    with pytest.raises(ValueError, match="class: 'Cb' is not allowed; allowed: Cu, St, Xx"):
        sampler.weights("Cb")
