import pytest
import torch
from torch.nn import functional as F

from training.network import Generator, GeneratorConfig, grow

SMALL = GeneratorConfig(
    resolution=16, classes=3, z_dim=8, w_dim=8, channel_base=128, channel_max=16
)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_parameter_names_are_the_published_ones():
    names = set(Generator(SMALL).state_dict())
    expected = {
        f"mapping.{layer}.{p}" for layer in ("embed", "fc0", "fc1") for p in ("weight", "bias")
    }
    expected |= {"mapping.w_avg", "synthesis.b4.const"}
    for block in ("b4", "b8", "b16"):
        convs = ["conv1"] if block == "b4" else ["conv0", "conv1"]
        expected.add(f"synthesis.{block}.resample_filter")
        for conv in convs:
            leaves = (
                "weight bias noise_const noise_strength resample_filter affine.weight affine.bias"
            )
            expected |= {f"synthesis.{block}.{conv}.{leaf}" for leaf in leaves.split()}
        leaves = "weight bias affine.weight affine.bias"
        expected |= {f"synthesis.{block}.torgb.{leaf}" for leaf in leaves.split()}
    assert names == expected


def test_unconditional_network_has_no_embedding():
    generator = Generator(
        GeneratorConfig(resolution=16, classes=0, z_dim=8, w_dim=8, channel_max=16)
    )
    assert not any("embed" in name for name in generator.state_dict())
    assert generator(torch.randn(2, 8), None).shape == (2, 3, 16, 16)


def test_number_of_styles():
    assert GeneratorConfig(resolution=64).num_ws == 10
    assert GeneratorConfig(resolution=256).num_ws == 14
    assert GeneratorConfig(resolution=1024).num_ws == 18


def test_fused_and_unfused_networks_draw_the_same():
    generator = Generator(SMALL)
    z, c = torch.randn(4, 8), torch.eye(3)[[0, 1, 2, 0]]
    a = generator(z, c, noise="const")
    b = generator(z, c, noise="const", fused=True)
    assert (a - b).abs().max() < 1e-4 * b.abs().max()


def test_class_and_latent_both_change_the_picture():
    generator = Generator(SMALL)
    z, c = torch.randn(1, 8), torch.eye(3)[[0]]
    picture = generator(z, c, noise="none")
    assert not torch.allclose(picture, generator(z, torch.eye(3)[[1]], noise="none"))
    assert not torch.allclose(picture, generator(torch.randn(1, 8), c, noise="none"))


def test_truncation_to_zero_is_the_average():
    generator = Generator(SMALL)
    generator.mapping.w_avg.normal_()
    pictures = generator(torch.randn(2, 8), torch.eye(3)[[0, 1]], psi=0.0, noise="none")
    assert torch.allclose(pictures[0], pictures[1])


def test_random_noise_is_scaled_by_its_strength():
    generator = Generator(SMALL)
    z, c = torch.randn(1, 8), torch.eye(3)[[0]]
    assert torch.equal(generator(z, c), generator(z, c, noise="none"))
    generator.synthesis.b8.conv1.noise_strength.data.fill_(1.0)
    assert not torch.equal(generator(z, c), generator(z, c))


def test_latent_input_lets_the_first_style_draw_the_layout():
    generator = Generator(
        GeneratorConfig(resolution=16, z_dim=8, w_dim=8, channel_max=16, latent_input=True)
    )
    assert generator.synthesis.b4.input.weight.shape == (16 * 16, 8)
    assert generator(torch.randn(2, 8), torch.eye(11)[:2]).shape == (2, 3, 16, 16)


@pytest.mark.parametrize(("channel_min", "newest"), [(1, 4), (8, 8)])
def test_grown_network_starts_with_the_same_pictures(channel_min, newest):
    torch.manual_seed(0)
    generator = Generator(SMALL)
    grown = grow(generator, channel_min)
    assert grown.synthesis.b32.conv1.weight.shape == (newest, newest, 3, 3)
    z, c = torch.randn(4, 8), torch.eye(3)[[0, 1, 2, 0]]
    small, large = generator(z, c, noise="none"), grown(z, c, noise="none")
    assert large.shape == (4, 3, 32, 32)
    shrunk = F.avg_pool2d(large, 2)
    correlation = torch.corrcoef(torch.stack([small.flatten(), shrunk.flatten()]))[0, 1]
    assert correlation > 0.8


def test_growing_widens_no_block_that_is_there():
    with pytest.raises(ValueError, match="channel_min: 9 is not allowed; allowed: up to 8"):
        grow(Generator(SMALL), channel_min=9)


@pytest.mark.parametrize("resolution", [0, 4, 48, 100])
def test_resolution_must_be_a_power_of_two(resolution):
    with pytest.raises(ValueError, match="resolution"):
        GeneratorConfig(resolution=resolution)


def test_channels_follow_the_resolution_between_two_bounds():
    config = GeneratorConfig(resolution=64, channel_base=512, channel_max=64, channel_min=16)
    assert [config.channels(r) for r in config.block_resolutions] == [64, 64, 32, 16, 16]
