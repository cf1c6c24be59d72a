import pytest
import torch
from torch.nn import functional as F

from training.augmentation.sample import sample


@pytest.fixture
def grid():
    """Some points lie outside the picture."""
    return torch.rand(2, 5, 6, 2, generator=torch.Generator().manual_seed(0)).double() * 2.4 - 1.2


@pytest.fixture
def picture():
    torch.manual_seed(1)
    return torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)


def test_samples_and_gradient_are_torchs_own(picture, grid):
    weights = torch.randn(2, 3, 5, 6, dtype=torch.float64)
    expected = F.grid_sample(picture, grid, align_corners=True)
    assert torch.equal(sample(picture, grid), expected)
    gradients = [
        torch.autograd.grad((y * weights).sum(), picture)[0]
        for y in (sample(picture, grid), expected)
    ]
    assert torch.allclose(*gradients)


def test_gradients_up_to_the_second_order_are_those_of_finite_differences(picture, grid):
    assert torch.autograd.gradcheck(lambda x: sample(x, grid), picture)
    assert torch.autograd.gradgradcheck(lambda x: sample(x, grid).pow(3), picture)
