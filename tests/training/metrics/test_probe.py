import numpy as np
import pytest

from training.metrics import probe


def clouds(spread, per_class=40, d=5, seed=0):
    """Three round classes, at the corners of a triangle."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), per_class)
    return np.eye(3, d)[labels] + spread * rng.normal(size=(len(labels), d)), labels


def test_separate_classes_are_named():
    features, labels = clouds(0.05)
    (judged,) = probe.held_out(features, labels, [features], seed=0)
    assert probe.obedience(judged, labels) == probe.Obedience(1.0, 1.0)
    trained = probe.train(features, labels)
    others, wanted = clouds(0.05, seed=1)
    assert probe.obedience(probe.probabilities(trained, others), wanted).top1 == 1
    assert probe.obedience(probe.probabilities(trained, others), (wanted + 1) % 3).top1 == 0


def test_the_rate_on_real_pictures_is_honest():
    """With more features than pictures a probe names what it has seen, and no more than chance of
    what it has not: here the classes mean nothing."""
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(120, 400)), np.repeat(np.arange(3), 40)
    trained = probe.train(features, labels)
    seen = probe.obedience(probe.probabilities(trained, features), labels)
    (judged,) = probe.held_out(features, labels, [features], seed=0)
    assert seen.top1 > 0.9
    assert probe.obedience(judged, labels).top1 == pytest.approx(1 / 3, abs=0.15)


def test_the_same_pictures_altered_are_judged_by_the_same_probes():
    features, labels = clouds(0.05)
    same, moved = probe.held_out(features, labels, [features, features[:, [1, 2, 0, 3, 4]]], 0)
    assert probe.obedience(same, labels).top1 == 1
    assert probe.obedience(moved, labels).top1 == 0


def test_first_and_among_the_first_three():
    judged = np.array([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
    assert probe.obedience(judged, np.array([0, 2, 0])) == probe.Obedience(1 / 3, 2 / 3)


def test_a_class_with_too_few_pictures_is_refused():
    with pytest.raises(ValueError, match="of 2 pictures; allowed: at least 5"):
        probe.held_out(np.zeros((9, 2)), np.array([0] * 7 + [1] * 2), [np.zeros((9, 2))], 0)
    with pytest.raises(ValueError, match="of 0 pictures"):
        probe.held_out(np.zeros((12, 2)), np.array([0] * 6 + [2] * 6), [np.zeros((12, 2))], 0)
