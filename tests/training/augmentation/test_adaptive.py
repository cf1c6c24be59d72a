import math

import pytest
import torch

from training.augmentation.adaptive import EVERY, INTERVAL, PUBLISHED, AdaptiveAugment


@pytest.fixture
def images():
    return torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1


def with_p(p, operations=EVERY):
    augment = AdaptiveAugment(operations=operations)
    augment.p = p
    return augment


def steps(augment, logit, count=INTERVAL, batch=25):
    for _ in range(count):
        augment.observe(torch.full((batch, 1), logit))


def test_no_probability_no_change(images):
    assert torch.equal(with_p(0.0)(images), images)


@pytest.mark.parametrize("operations", [PUBLISHED, EVERY], ids=["published", "every"])
def test_full_probability_changes_every_picture(images, operations):
    torch.manual_seed(0)
    changed = with_p(1.0, operations)(images)
    assert changed.shape == images.shape
    assert ((changed - images).abs().mean(dim=(1, 2, 3)) > 0.05).all()


@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: operation.__name__)
def test_each_operation_without_its_draws_is_the_identity(images, operation):
    """With so small a p nothing is drawn, but everything is computed."""
    torch.manual_seed(0)
    assert (with_p(1e-9, [operation])(images) - images).abs().max() < 1e-4


def test_probability_follows_overfitting_every_few_steps():
    augment = AdaptiveAugment(target=0.6, kimg=1.0)
    steps(augment, 2.0, count=INTERVAL - 1)
    assert augment.p == 0
    steps(augment, 2.0, count=1)
    assert augment.p == pytest.approx(0.1)  # a tenth of a kimg was shown
    steps(augment, -2.0, batch=10)
    assert augment.p == pytest.approx(0.06)
    steps(augment, -2.0, batch=100)
    assert augment.p == 0
    for _ in range(12):
        steps(augment, 2.0)
    assert augment.p == 1


def test_sign_counts_and_not_size():
    """Three fifths of the reals judged right by little, the others wrong by a lot: r_t is 0.2."""
    logits = torch.tensor([0.1] * 6 + [-50.0] * 4)[:, None]
    for target, direction in ((0.1, 1), (0.3, -1)):
        augment = AdaptiveAugment(target=target, kimg=1.0)
        augment.p = 0.5
        for _ in range(INTERVAL):
            augment.observe(logits)
        assert math.copysign(1, augment.p - 0.5) == direction


def test_no_target_no_adaptation():
    augment = AdaptiveAugment(target=0.0)
    steps(augment, 2.0)
    assert augment.p == 0


def test_state_goes_on_between_two_changes():
    augment = AdaptiveAugment(target=0.2, kimg=1.0)
    steps(augment, 2.0, count=2 * INTERVAL)
    steps(augment, -2.0, count=2)
    restored = AdaptiveAugment(target=0.2, kimg=1.0)
    restored.restore(augment.state())
    for each in (augment, restored):
        steps(each, 2.0, count=2)
    assert restored.p == augment.p == pytest.approx(0.1)


def test_gradients_of_gradients_against_finite_differences():
    """R1 differentiates the gradient on the picture once more."""
    augment = with_p(1.0)

    def seeded(x):
        torch.manual_seed(3)
        return augment(x)

    picture = torch.randn(4, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(seeded, picture, fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda x: seeded(x).pow(3), picture, fast_mode=True)
