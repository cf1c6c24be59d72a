"""Against torchmetrics, scipy and scikit-learn on the same features."""

import numpy as np
import pytest
import torch
from scipy import linalg
from sklearn.metrics.pairwise import polynomial_kernel
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from training.metrics import diversity, frechet_distance, kernel_distance


class Identity(torch.nn.Module):
    """The `pictures` are the features."""

    def __init__(self, d):
        super().__init__()
        self.num_features = d

    def forward(self, x):
        return x


def features(n=300, m=240, d=12):
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(d, d))
    return rng.normal(size=(n, d)) @ mix, 0.8 * rng.normal(size=(m, d)) @ mix + 0.3


def peer(metric, a, b):
    metric.set_dtype(torch.float64)
    metric.update(torch.from_numpy(a), real=True)
    metric.update(torch.from_numpy(b), real=False)
    return metric.compute()


def test_frechet_distance_is_the_textbook_formula_with_scipys_matrix_root():
    a, b = features()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(cov_a @ cov_b).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_is_that_of_torchmetrics():
    a, b = features()
    metric = FrechetInceptionDistance(Identity(a.shape[1]), antialias=False)
    assert frechet_distance(a, b) == pytest.approx(float(peer(metric, a, b)), rel=1e-6)


def test_frechet_distance_of_fewer_pictures_than_features():
    """Singular covariances, where a matrix root loses digits; in the span of both sets they are
    regular."""
    a, b = features(20, 15, 60)
    basis = np.linalg.svd(np.concatenate([a - a.mean(0), b - b.mean(0), [a.mean(0) - b.mean(0)]]))[
        2
    ]
    cov_a, cov_b = np.cov(a @ basis.T, rowvar=False), np.cov(b @ basis.T, rowvar=False)
    values = np.linalg.eigvals(cov_a @ cov_b)
    cross = np.sqrt(np.maximum(values.real, 0)).sum()
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b) - 2 * cross
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-5)


def test_kernel_distance_is_the_double_sum_over_scikit_learns_kernel():
    a, b = features(50, 40)

    def k(x, y):
        return polynomial_kernel(x, y, degree=3, coef0=1)

    def within(x):
        return k(x, x)[~np.eye(len(x), dtype=bool)].mean()

    expected = within(a) + within(b) - 2 * k(a, b).mean()
    assert kernel_distance(a, b) == pytest.approx(expected, rel=1e-12)


def test_kernel_distance_is_that_of_torchmetrics():
    a, b = features(200, 200)
    with pytest.warns(UserWarning, match="buffer"):
        metric = KernelInceptionDistance(Identity(a.shape[1]), subsets=1, subset_size=len(a))
    mean, _ = peer(metric, a, b)
    assert kernel_distance(a, b) == pytest.approx(float(mean), rel=1e-6)


def test_kernel_distance_is_unbiased():
    rng = np.random.default_rng(0)
    same = [kernel_distance(*rng.normal(size=(2, 60, 4))) for _ in range(300)]
    assert np.mean(same) == pytest.approx(0, abs=3 * np.std(same) / np.sqrt(300))
    assert min(same) < 0


def test_diversity_is_the_mean_distance_within_classes():
    points = np.array([[0.0, 0], [3, 4], [0, 0], [0, 1], [9, 9]])
    alone = np.array([0, 0, 1, 1, 2])
    assert diversity(points, alone) == pytest.approx((5 + 1) / 2)
