import pytest
import torch

from training.discriminator import Discriminator, MinibatchStdLayer
from training.network import GeneratorConfig

SMALL = GeneratorConfig(resolution=16, classes=3, channel_base=128, channel_max=16)


def test_parameter_names_are_the_published_ones():
    names = {
        name
        for name in Discriminator(SMALL, mapping_layers=2).state_dict()
        if "resample" not in name
    }
    expected = {"b16.fromrgb.weight", "b16.fromrgb.bias"}
    for block in ("b16", "b8"):
        expected |= {
            f"{block}.{conv}.{leaf}" for conv in ("conv0", "conv1") for leaf in ("weight", "bias")
        }
        expected.add(f"{block}.skip.weight")
    expected |= {
        f"b4.{layer}.{leaf}" for layer in ("conv", "fc", "out") for leaf in ("weight", "bias")
    }
    expected |= {
        f"mapping.{layer}.{p}" for layer in ("embed", "fc0", "fc1") for p in ("weight", "bias")
    }
    assert names == expected


def test_minibatch_standard_deviation_of_groups():
    x = torch.randn(8, 5, 4, 4, dtype=torch.float64)
    y = MinibatchStdLayer()(x)
    assert y.shape == (8, 6, 4, 4)
    for sample in range(8):
        group = x[sample % 2 :: 2]
        expected = group.std(dim=0, correction=0).mean()
        assert torch.allclose(y[sample, 5], expected.expand(4, 4), atol=1e-6)


def test_logit_depends_on_the_class_only_through_the_projection():
    torch.manual_seed(0)
    net = Discriminator(SMALL, mapping_layers=2)
    images = torch.randn(4, 3, 16, 16)
    a, b = torch.eye(3)[[0] * 4], torch.eye(3)[[1] * 4]
    assert net(images, a).shape == (4, 1)
    assert not torch.allclose(net(images, a), net(images, b))


def test_unconditional_discriminator_gives_one_logit():
    net = Discriminator(GeneratorConfig(resolution=16, classes=0, channel_max=16))
    assert net(torch.randn(2, 3, 16, 16), None).shape == (2, 1)


def test_a_transitional_discriminator_also_judges_without_the_class():
    """Its second logit is that of the ordinary network with the same weights."""
    torch.manual_seed(0)
    net, plain = Discriminator(SMALL, 2, transitional=True), Discriminator(SMALL, 2)
    plain.load_state_dict({k: v for k, v in net.state_dict().items() if k in plain.state_dict()})
    images = torch.randn(4, 3, 16, 16)
    a, b = torch.eye(3)[[0] * 4], torch.eye(3)[[1] * 4]
    assert torch.equal(net(images, a)[:, 0], net(images, b)[:, 0])
    assert torch.allclose(net(images, a)[:, 1:], plain(images, a))
    assert torch.allclose(net(images, b)[:, 1:], plain(images, b))


def test_blocks_freeze_from_the_picture_on():
    net = Discriminator(SMALL, 2)
    net.freeze(1)
    frozen = {name.split(".")[0] for name, p in net.named_parameters() if not p.requires_grad}
    free = {name.split(".")[0] for name, p in net.named_parameters() if p.requires_grad}
    assert (frozen, free) == ({"b16"}, {"b8", "b4", "mapping"})
    with pytest.raises(ValueError, match=r"freeze_d: 3 is not allowed; allowed: 0 to 2"):
        net.freeze(3)
