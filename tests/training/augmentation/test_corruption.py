import numpy as np
import pytest
import torch
from scipy import stats

from training.augmentation.corruption import add_noise, cut_out, erase
from training.augmentation.draws import Draws

CPU = torch.device("cpu")


def test_noise_is_white_and_its_strength_half_normal():
    torch.manual_seed(0)
    noise = add_noise(torch.zeros(4000, 1, 32, 32), Draws(4000, 1.0, CPU))
    strength = noise.flatten(1).square().mean(dim=1).sqrt()  # known to 2 % with 1,024 pixels
    assert stats.kstest(strength.numpy(), stats.halfnorm(0, 0.1).cdf).pvalue > 0.01
    normalised = noise[:20] / strength[:20, None, None, None]
    assert stats.kstest(normalised.flatten().numpy(), stats.norm.cdf).pvalue > 0.01
    neighbours = (noise[..., 1:] * noise[..., :-1]).mean() / noise.square().mean()
    assert abs(neighbours) < 0.01


def test_noise_leaves_the_others_alone():
    torch.manual_seed(0)
    noise = add_noise(torch.zeros(4000, 1, 2, 2), Draws(4000, 0.3, CPU))
    assert (noise != 0).flatten(1).any(dim=1).float().mean() == pytest.approx(0.3, abs=0.03)


def test_square_is_where_it_should_be():
    ones = torch.ones(2, 3, 8, 8)
    out = erase(ones, torch.tensor([[0.5, 0.25], [0.0, 1.0]]), torch.tensor([[0.5], [0.5]]))
    first, second = np.ones((8, 8)), np.ones((8, 8))
    first[0:4, 2:6] = 0
    second[6:8, 0:2] = 0
    np.testing.assert_array_equal(out[0, 1], first)
    np.testing.assert_array_equal(out[1, 2], second)


def test_part_that_is_cut_out():
    """A square of half the edge around a point anywhere covers (3/8)² of each side on average:
    the mean of min(x + 1/4, 1) - max(x - 1/4, 0) is 7/16."""
    torch.manual_seed(0)
    left = cut_out(torch.ones(8000, 1, 16, 16), Draws(8000, 0.5, CPU))
    assert (left.flatten(1) == 1).all(dim=1).float().mean() == pytest.approx(0.5, abs=0.025)
    assert 1 - left.mean() == pytest.approx(0.5 * (7 / 16) ** 2, abs=0.005)
