from types import SimpleNamespace

import numpy as np
import pytest

from training.metrics.path_length import path_length

Z_DIM, LAYERS = 600, 2


class Linear:
    """A model whose picture is its latent: (1, 200, 3) values."""

    info = SimpleNamespace(z_dim=Z_DIM, layers=LAYERS, classes=("Ac", "Cu"))

    def run(self, z, _c, psi):
        assert z.shape == (2, LAYERS, Z_DIM)
        return (psi * z[:, 0].astype(np.float64)).reshape(2, 1, -1, 3)


def flatten(pictures):
    return pictures.reshape(len(pictures), -1).astype(np.float64)


def test_of_a_linear_model_it_is_the_squared_angle_between_latents():
    """On the great circle a step of eps turns by eps * angle; two latents of many dimensions are
    nearly at right angles, with a variance of 1 / dimensions."""
    length = path_length(Linear(), flatten, np.zeros(200, int), psi=1.0, seed=0)
    assert length == pytest.approx((np.pi / 2) ** 2 + 1 / Z_DIM, rel=0.02)


def test_the_extremes_are_left_out():
    calls = iter(range(1000))

    def network(pictures):
        jumps = next(calls) % 200 == 50  # one walk in two hundred
        return flatten(pictures) if not jumps else np.eye(2, 600)

    labels = np.zeros(200, int)
    usual = path_length(Linear(), flatten, labels, psi=1.0, seed=0)
    assert path_length(Linear(), network, labels, psi=1.0, seed=0) == pytest.approx(usual, rel=0.01)


def test_a_model_that_jumps_is_longer_than_one_that_does_not():
    def rough(pictures):
        return flatten(pictures) + 1e-3 * np.random.default_rng(0).normal(size=(2, 600))

    labels = np.zeros(20, int)
    assert path_length(Linear(), rough, labels, 1.0, 0) > 2 * path_length(
        Linear(), flatten, labels, 1.0, 0
    )
