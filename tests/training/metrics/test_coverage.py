import numpy as np
import pytest

from training.metrics import precision, recall


def by_definition(points, members, k=3):
    """Equation 1 of the paper, member by member."""
    inside = 0
    for point in points:
        for member in members:
            radius = sorted(np.linalg.norm(members - member, axis=1))[k]
            if np.linalg.norm(point - member) <= radius:
                inside += 1
                break
    return inside / len(points)


def test_both_are_the_papers_equation():
    rng = np.random.default_rng(0)
    fake, real = 0.7 + rng.normal(size=(40, 5)), rng.normal(size=(60, 5))
    assert 0 < by_definition(fake, real) < 1
    assert 0 < by_definition(real, fake) < 1
    assert precision(fake, real) == by_definition(fake, real)
    assert recall(fake, real) == by_definition(real, fake)


def test_one_good_picture_repeated_is_precise_and_recalls_nothing():
    real = np.random.default_rng(0).normal(size=(100, 4))
    fake = np.tile(real[:1], (100, 1))
    assert precision(fake, real) == 1
    assert recall(fake, real) == 0.01


def test_half_of_the_kinds_is_half_the_recall():
    rng = np.random.default_rng(0)
    near, far = rng.normal(size=(200, 2)), rng.normal(1000, size=(200, 2))
    assert recall(near + 1e-6, np.concatenate([near, far])) == pytest.approx(0.5, abs=0.01)


def test_too_small_a_set_is_refused():
    with pytest.raises(ValueError, match="of 3 pictures; allowed: more than 3"):
        precision(np.zeros((10, 2)), np.zeros((3, 2)))
