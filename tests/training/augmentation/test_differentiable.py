import pytest
import torch

from training.augmentation.differentiable import DifferentiableAugment, _translate


@pytest.fixture
def images():
    return torch.rand(8, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_gradient_flows_to_every_picture(images):
    torch.manual_seed(0)
    x = images.clone().requires_grad_(True)
    DifferentiableAugment()(x).square().sum().backward()
    assert (x.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


def test_draws_anew_for_each_picture(images):
    torch.manual_seed(0)
    same = images[:1].expand(8, -1, -1, -1)
    out = DifferentiableAugment()(same)
    assert len({round(float(value), 5) for value in out.mean(dim=(1, 2, 3))}) == 8


def test_half_of_the_pictures_keep_their_colours():
    """Of a plain picture shifts show nothing and the square leaves at least a part."""
    torch.manual_seed(0)
    plain = torch.full((4000, 3, 16, 16), 0.4)
    out = DifferentiableAugment()(plain)
    unchanged = ((out == 0.4) | (out == 0)).all(dim=3).all(dim=2).all(dim=1)
    assert unchanged.float().mean() == pytest.approx(0.5, abs=0.03)


def test_half_of_the_pictures_are_seen_whole():
    torch.manual_seed(0)
    ones = torch.ones(4000, 3, 16, 16)
    cut = (DifferentiableAugment()(ones) == 0).flatten(1).any(dim=1)
    assert cut.float().mean() == pytest.approx(0.5, abs=0.03)


def test_shifts_bring_no_border_into_the_picture():
    """A ramp keeps its range and its steps: nothing is filled in."""
    torch.manual_seed(0)
    ramp = torch.linspace(0.25, 1, 32).expand(64, 3, 32, 32)
    shifted = _translate(ramp)
    assert shifted.min() >= 0.25
    steps = shifted.diff(dim=3).abs()
    assert steps.max() == pytest.approx(float(ramp.diff(dim=3).max()), rel=1e-4)
    assert (shifted != ramp).flatten(1).any(dim=1).float().mean() > 0.8
