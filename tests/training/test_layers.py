import numpy as np
import pytest
import torch
from scipy import signal

from training.layers import (
    Conv2dLayer,
    FullyConnectedLayer,
    fir_kernel,
    fir_upsample,
    modulated_conv2d,
    modulated_conv2d_fused,
)

TAPS = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def test_upsampling_is_zero_insertion_and_the_low_pass_filter():
    x = torch.randn(1, 2, 5, 7, dtype=torch.float64)
    stuffed = np.zeros((10, 14))
    stuffed[::2, ::2] = x[0, 1].numpy()
    expected = signal.convolve2d(np.pad(stuffed, ((2, 1), (2, 1))), 4 * TAPS, mode="valid")
    np.testing.assert_allclose(fir_upsample(x, fir_kernel().double())[0, 1], expected, atol=1e-12)


def test_upsampling_keeps_a_constant_away_from_the_border():
    x = torch.full((1, 1, 8, 8), 0.7)
    assert torch.allclose(fir_upsample(x, fir_kernel())[..., 2:-2, 2:-2], torch.tensor(0.7))


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_convolution_agrees_in_both_forms(up, demodulate):
    torch.manual_seed(0)
    x, weight = torch.randn(3, 6, 8, 8), torch.randn(4, 6, 3, 3)
    styles = torch.randn(3, 6)
    a = modulated_conv2d(x, weight, styles, fir_kernel(), up, demodulate)
    b = modulated_conv2d_fused(x, weight, styles, fir_kernel(), up, demodulate)
    assert a.shape == (3, 4, 16, 16) if up else (3, 4, 8, 8)
    assert (a - b).abs().max() < 6e-6 * max(1, float(b.abs().max()))


def test_modulated_convolution_is_the_papers_equations():
    """w' = s_i w_ijk, w'' = w' / sqrt(sum w'² + eps), written as loops in float64."""
    rng = np.random.default_rng(1)
    x, w, s = rng.normal(size=(1, 2, 5, 5)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=(1, 2))
    expected = np.zeros((3, 5, 5))
    for j in range(3):
        taps = np.stack([s[0, i] * w[j, i] for i in range(2)])
        taps /= np.sqrt((taps**2).sum() + 1e-8)
        for i in range(2):
            expected[j] += signal.correlate2d(x[0, i], taps[i], mode="same")
    tensors = (torch.from_numpy(value) for value in (x, w, s))
    np.testing.assert_allclose(modulated_conv2d(*tensors, fir_kernel())[0], expected, atol=1e-9)


def test_demodulated_output_has_unit_variance_for_unit_input():
    torch.manual_seed(0)
    x, weight, styles = torch.randn(4, 32, 32, 32), torch.randn(16, 32, 3, 3), torch.rand(4, 32) * 5
    y = modulated_conv2d(x, weight, styles, fir_kernel())[..., 1:-1, 1:-1]
    assert y.std() == pytest.approx(1, abs=0.05)


def test_downsampling_layer_filters_then_strides():
    torch.manual_seed(0)
    layer = Conv2dLayer(1, 1, 1, bias=False, down=2).double()
    layer.weight.data.fill_(1.0)
    layer.weight_gain = 1.0
    x = torch.randn(1, 1, 8, 8, dtype=torch.float64)
    filtered = signal.convolve2d(np.pad(x[0, 0].numpy(), 1), TAPS, mode="valid")
    np.testing.assert_allclose(layer(x)[0, 0].detach(), filtered[::2, ::2], atol=1e-7)


def test_equalised_layer_scales_weights_at_run_time():
    layer = FullyConnectedLayer(16, 4, lr_multiplier=0.01)
    assert layer.weight.std() > 50
    x = torch.randn(2, 16)
    expected = x @ (layer.weight * 0.01 / 4).t() + layer.bias * 0.01
    assert torch.allclose(layer(x), expected)
