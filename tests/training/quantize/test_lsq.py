import math

import numpy as np
import pytest
import torch

from training.quantize.lsq import LearnedSteps, quantize
from training.quantize.weights import round_to_nearest

VALUES = torch.tensor([-9.0, -3.1, -0.8, -0.2, 0.0, 0.3, 1.1, 2.4, 3.0, 3.6, 7.0])


def test_values_are_codes_times_the_step():
    found = quantize(VALUES, torch.tensor(0.5), 3)
    np.testing.assert_array_equal(found, 0.5 * np.clip(np.rint(VALUES.numpy() / 0.5), -3, 3))


@pytest.mark.parametrize("step", [0.3, 0.5, 2.0])
def test_gradients_are_those_of_the_paper(step):
    """Esser et al. 2020, equation 3 for the step, and the straight-through estimator."""
    highest = 3
    x = VALUES.clone().double().requires_grad_()
    s = torch.full(VALUES.shape, step, dtype=torch.float64, requires_grad=True)
    quantize(x, s, highest).sum().backward()
    ratio = VALUES.double().numpy() / step
    inside = np.abs(ratio) < highest
    expected = np.where(inside, np.rint(ratio) - ratio, np.sign(ratio) * highest)
    np.testing.assert_allclose(s.grad, expected, atol=1e-12)
    on_the_edge = np.isclose(np.abs(ratio), highest)
    np.testing.assert_array_equal(x.grad[~on_the_edge], inside[~on_the_edge].astype(float))


def test_the_gradient_of_a_step_is_scaled_by_its_weights_and_range():
    weight = torch.nn.Parameter(torch.randn(4, 16, generator=torch.Generator().manual_seed(0)))
    learned = LearnedSteps(weight, bits=4, block=8)
    out = torch.randn(4, 16, generator=torch.Generator().manual_seed(1))
    (learned(weight) * out).sum().backward()
    steps = learned.steps.detach().clone().requires_grad_()
    (quantize(weight.detach().unflatten(1, (2, 8)), steps, 7).flatten(1) * out).sum().backward()
    torch.testing.assert_close(learned.steps.grad, steps.grad / math.sqrt(8 * 7))


@pytest.mark.parametrize("bits", [2, 3, 4, 6, 8])
def test_rounding_to_nearest_gives_back_what_was_learned(bits):
    """Whatever the steps had become."""
    random = torch.Generator().manual_seed(bits)
    weight = torch.randn(6, 4, 3, 3, generator=random)
    learned = LearnedSteps(weight, bits, block=12)
    with torch.no_grad():
        learned.steps.mul_(torch.empty_like(learned.steps).uniform_(0.4, 3, generator=random))
        learned.bound(weight)
        made = learned(weight).flatten(1).numpy()
    rounded = round_to_nearest(made, bits, 12)
    steps = learned.steps.detach().numpy()
    codes = np.rint(made.reshape(6, 3, 12) / steps).reshape(6, 36)
    np.testing.assert_array_equal(rounded.codes, codes)
    np.testing.assert_allclose(rounded.dequantize(), made, rtol=2**-11)


def test_a_block_of_zeros_stays_zero_and_its_gradients_finite():
    weight = torch.nn.Parameter(torch.zeros(2, 8))
    learned = LearnedSteps(weight, bits=4, block=8)
    made = learned(weight)
    made.sum().backward()
    assert not made.any()
    assert weight.grad.isfinite().all()
    assert learned.steps.grad.isfinite().all()
