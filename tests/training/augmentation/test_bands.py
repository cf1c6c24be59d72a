import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from training.augmentation.bands import BANDS, LOUDNESS, POWER, SYM2, draw_gains, equalise
from training.augmentation.draws import Draws

EDGES = np.array([0, 1 / 8, 1 / 4, 1 / 2, 1])  # of the bands, in parts of the bandwidth


def response(taps, frequencies):
    """Of a symmetric filter around its middle tap, at parts of the bandwidth."""
    offsets = np.arange(len(taps)) - len(taps) // 2
    return np.cos(np.pi * np.outer(frequencies, offsets)) @ taps


def test_wavelet_is_the_orthogonal_one_with_two_vanishing_moments():
    taps = np.array(SYM2)
    assert taps @ taps == pytest.approx(1)
    assert taps[2:] @ taps[:2] == pytest.approx(0, abs=1e-10)
    signs = (-1.0) ** np.arange(4)
    assert [(signs * np.arange(4) ** m * taps).sum() for m in (0, 1)] == pytest.approx(
        [0, 0], abs=1e-10
    )


def test_bands_are_an_impulse_together():
    impulse = np.zeros(43)
    impulse[21] = 1
    np.testing.assert_allclose(BANDS.sum(axis=0), impulse, atol=1e-12)


@pytest.mark.parametrize("band", range(4))
def test_each_band_passes_its_octave(band):
    centre = (EDGES[band] + EDGES[band + 1]) / 2 if band else 0
    passed = [float(response(taps, [centre])[0]) for taps in BANDS]
    assert passed[band] > 0.7
    assert sum(abs(p) for i, p in enumerate(passed) if i != band) < 0.3
    if band:  # a constant picture is in the lowest band only
        assert BANDS[band].sum() == pytest.approx(0, abs=1e-12)


def test_neighbours_meet_at_half_their_gain():
    for index, edge in enumerate(EDGES[1:-1]):
        assert response(BANDS[index], [edge])[0] == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("size", [8, 32])
def test_filtering_agrees_with_scipy(size):
    rng = np.random.default_rng(0)
    images, gains = rng.normal(size=(2, 3, size, size)), rng.uniform(0.2, 3, (2, 4))
    ours = equalise(torch.from_numpy(images), torch.from_numpy(gains)).numpy()
    for sample in range(2):
        taps = gains[sample] @ BANDS
        expected = images[sample]
        for axis in (1, 2):
            expected = ndimage.convolve1d(expected, taps, axis=axis, mode="reflect")
        np.testing.assert_allclose(ours[sample], expected, atol=1e-10)


def test_gains_of_one_change_nothing_and_the_lowest_band_scales_a_constant():
    picture = torch.randn(1, 3, 16, 16)
    assert torch.allclose(equalise(picture, torch.ones(1, 4)), picture, atol=1e-5)
    plain = torch.full((1, 3, 16, 16), 0.4)
    filtered = equalise(plain, torch.tensor([[1.5, 9, 9, 9]]))
    assert torch.allclose(filtered, plain * 1.5**2, atol=1e-5)  # across and down


def test_gains_keep_the_expected_power_of_a_natural_picture():
    """One band's draw t turns all gains to t_j / sqrt(sum lambda t²), as the paper normalises."""
    torch.manual_seed(0)
    count = 20_000
    gains = draw_gains(Draws(count, 0.05, torch.device("cpu")))
    assert (gains == 1).all(dim=1).float().mean() == pytest.approx(0.95**4, abs=0.012)
    power = (gains.square() * torch.tensor(POWER)).sum(dim=1)
    others = [(gains[:, [j for j in range(4) if j != i]]).std(dim=1) for i in range(4)]
    single = torch.stack(others).amin(dim=0) < 1e-6  # at most one band was drawn
    assert power[single].sub(1).abs().max() < 1e-5


def test_strength_of_a_bands_gain():
    """The ratio of two bands' gains is 2^N(0, 2 * 1²): their normalisation cancels."""
    torch.manual_seed(0)
    gains = draw_gains(Draws(20_000, 1.0, torch.device("cpu")))
    octaves = (gains[:, 1] / gains[:, 2]).double().log2()
    expected = stats.norm(0, LOUDNESS * 2**0.5)
    assert stats.kstest(octaves.numpy(), expected.cdf).pvalue > 0.01
