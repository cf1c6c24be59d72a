import math

import pytest
import torch
from scipy import stats

from training.augmentation.draws import Draws
from training.augmentation.geometry import draw_transform, transform

COUNT = 20_000


def draw(p, size=100):
    torch.manual_seed(0)
    return draw_transform(Draws(COUNT, p, torch.device("cpu")), size)


def test_area_changes_with_the_isotropic_scale_alone():
    """The determinant is s², s = 2^N(0, 0.2²): neither turns nor the stretch change it."""
    linear, _ = draw(1.0)
    octaves = torch.linalg.det(linear.double()).log2() / 2
    assert stats.kstest(octaves.numpy(), stats.norm(0, 0.2).cdf).pvalue > 0.01


def test_stretch_is_the_ratio_of_the_singular_values():
    linear, _ = draw(1.0)
    large, small = torch.linalg.svdvals(linear.double()).unbind(1)
    octaves = (large / small).log2() / 2  # |N(0, 0.2²)|
    assert stats.kstest(octaves.numpy(), stats.halfnorm(0, 0.2).cdf).pvalue > 0.01


def test_shift_is_normal_in_parts_of_the_picture():
    _, shift = draw(1.0)
    for axis in shift.unbind(1):
        assert stats.kstest(axis.numpy(), stats.norm(0, 12.5).cdf).pvalue > 0.01


def test_some_turn_happens_with_probability_p():
    """Of all draws for scale and turns, (1 - p)^3 leave the linear map alone: p counts once for
    both turns together."""
    linear, shift = draw(0.3)
    still = (linear == torch.eye(2)).all(dim=2).all(dim=1).float().mean()
    assert still == pytest.approx(0.7**3, abs=4 * math.sqrt(0.25 / COUNT))
    assert (shift == 0).all(dim=1).float().mean() == pytest.approx(0.7, abs=0.015)


def test_pictures_are_transformed_each_by_itself():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 16, 16).expand(8, -1, -1, -1)
    out = transform(picture, Draws(8, 1.0, torch.device("cpu")))
    assert out.shape == picture.shape
    distances = torch.pdist(out.flatten(1))
    assert distances.min() > 0.5
