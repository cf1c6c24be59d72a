import pytest
import torch
from torch import nn
from torch.nn import functional as F

from training.looking.perceptual import PerceptualDistance


class Identity(nn.Module):
    def forward(self, images):
        return [images]


def test_it_is_the_squared_angle_between_features():
    """Unit vectors at a right angle are sqrt 2 apart, opposite ones 2."""
    distance = PerceptualDistance(Identity())
    right = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None].expand(1, 3, 128, 128)
    up = torch.tensor([0.0, 5.0, 0.0])[None, :, None, None].expand(1, 3, 128, 128)
    features = {name: distance.features(x) for name, x in (("r", right), ("u", up), ("l", -right))}
    assert float(distance(features["r"], features["u"])) == pytest.approx(2)
    assert float(distance(features["r"], features["l"])) == pytest.approx(4)
    assert float(distance(features["r"], features["r"])) == 0


@pytest.mark.parametrize(("size", "seen"), [(16, 128), (128, 128), (512, 256)])
def test_pictures_are_resized_to_what_the_network_sees(size, seen):
    (features,) = PerceptualDistance(Identity()).features(torch.randn(2, 3, size, size))
    assert features.shape == (2, 3, seen, seen)


def test_a_stronger_blur_is_farther_away():
    torch.manual_seed(0)
    distance = PerceptualDistance()
    sky = F.interpolate(torch.randn(1, 3, 32, 32), size=128, mode="bicubic").clamp(-1, 1)
    target = distance.features(sky)
    blurred = [F.avg_pool2d(sky, k, 1, k // 2, count_include_pad=False) for k in (3, 9, 21)]
    near, middle, far = (float(distance(distance.features(x), target)) for x in blurred)
    assert 0 < near < middle < far


def test_the_distance_has_a_gradient_towards_the_target():
    torch.manual_seed(0)
    distance = PerceptualDistance()
    sky = torch.rand(1, 3, 128, 128) * 2 - 1
    other = (sky + 0.3 * torch.randn_like(sky)).requires_grad_(True)
    target = distance.features(sky)
    loss = distance(distance.features(other), target).sum()
    (gradient,) = torch.autograd.grad(loss, other)
    before = float(loss.detach())
    moved = other.detach() - 0.05 * before * gradient / gradient.square().sum()
    assert float(distance(distance.features(moved), target)) < before
