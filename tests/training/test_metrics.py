from pathlib import Path

import numpy as np
import pytest
from scipy import linalg

from training import dataset, metrics

DATA = Path(__file__).parents[3] / "shared/data"
NETWORK = DATA / "efficientnet_lite0_gap1280_logits.onnx"


def test_frechet_distance_of_known_gaussians():
    """Against the textbook formula with scipy's matrix square root."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))
    b = rng.normal(size=(400, 6)) + 2
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(cov_a @ cov_b).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-8)


def test_kernel_distance_is_the_double_sum():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))

    def k(x, y):
        return (x @ y / 3 + 1) ** 3

    def within(x):
        return np.mean([k(p, q) for i, p in enumerate(x) for j, q in enumerate(x) if i != j])

    expected = within(a) + within(b) - 2 * np.mean([k(p, q) for p in a for q in b])
    assert metrics.kernel_distance(a, b) == pytest.approx(expected)


def test_kernel_distance_is_unbiased():
    rng = np.random.default_rng(0)
    same = [metrics.kernel_distance(*rng.normal(size=(2, 60, 4))) for _ in range(300)]
    assert np.mean(same) == pytest.approx(0, abs=3 * np.std(same) / np.sqrt(300))
    assert min(same) < 0


def test_diversity_is_the_mean_distance_within_classes():
    features = np.array([[0.0, 0], [3, 4], [0, 0], [0, 1]])
    assert metrics.diversity(features, np.array([0, 0, 1, 1])) == pytest.approx((5 + 1) / 2)


def test_an_unreadable_network_is_named(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_text("no network")
    with pytest.raises(ValueError, match=r"net\.onnx"):
        metrics.FeatureNetwork(path)


@pytest.mark.skipif(not NETWORK.exists(), reason="the feature network is not beside the checkout")
def test_shrinking_moves_pictures_away_from_real_ones():
    pictures = dataset.load(DATA / "ccsn-256.zip", 256).images[::16].permute(0, 2, 3, 1).numpy()
    network = metrics.FeatureNetwork(NETWORK)
    real, other = network(pictures[::2]), network(pictures[1::2])
    small = network(pictures[1::2, ::4, ::4])
    assert metrics.kernel_distance(real, small) > metrics.kernel_distance(real, other) + 0.05
