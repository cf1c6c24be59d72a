import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from training.augmentation.mirror import mirror_pad, mirrored
from training.augmentation.resample import CENTRE, MARGIN, SYM6, double, warp

EYE = torch.eye(2)[None]
STILL = torch.zeros(1, 2)


def smooth(size, sigma=2.0):
    """A picture without the detail that any resampling loses."""
    noise = np.random.default_rng(0).normal(size=(1, 3, size, size))
    return torch.from_numpy(ndimage.gaussian_filter(noise, (0, 0, sigma, sigma), mode="reflect"))


def turn(angle):
    cos, sin = math.cos(angle), math.sin(angle)
    return torch.tensor([[[cos, -sin], [sin, cos]]])


def test_filter_is_the_orthogonal_one_with_six_vanishing_moments():
    taps = np.array(SYM6)
    shifted = [taps[2 * k :] @ taps[: len(taps) - 2 * k] for k in range(6)]
    np.testing.assert_allclose(shifted, [1, 0, 0, 0, 0, 0], atol=1e-9)
    index = np.arange(12)
    moments = [((-1.0) ** index * (index - 5.5) ** m * taps).sum() for m in range(6)]
    np.testing.assert_allclose(moments, 0, atol=1e-6)


def test_mirrored_border_is_numpys():
    picture = torch.arange(25.0).view(1, 1, 5, 5)
    expected = np.pad(picture[0, 0].numpy(), 13, mode="symmetric")
    np.testing.assert_array_equal(mirror_pad(picture, 13)[0, 0], expected)
    fractions = torch.linspace(-40, 40, 1001)
    assert mirrored(fractions, 5).min() >= -1
    assert mirrored(fractions, 5).max() <= 4.5


@pytest.mark.parametrize("size", [5, 8, 32])
def test_no_transform_gives_the_picture_back(size):
    picture = torch.randn(2, 3, size, size, dtype=torch.float64)
    assert (warp(picture, EYE.expand(2, -1, -1), STILL) - picture).abs().max() < 1e-10


def test_doubled_pixels_lie_at_the_centre_of_mass():
    """A straight ramp, doubled, rises by half and is where it was."""
    ramp = torch.arange(40, dtype=torch.float64).expand(1, 1, 40, 40)
    inner = slice(2 * MARGIN + 12, 2 * MARGIN + 66)  # not reached by the mirrored border
    doubled = double(ramp)[0, 0, 40, inner]
    expected = (torch.arange(114, dtype=torch.float64)[inner] - CENTRE) / 2 - MARGIN
    assert (doubled - expected).abs().max() < 1e-3


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_agree_with_numpy(quarters):
    picture = smooth(32)
    # the source of a pixel is found by turning the other way, and y points down
    turned = warp(picture, turn(quarters * math.pi / 2), STILL)[0]
    expected = np.rot90(picture[0].numpy(), quarters, axes=(1, 2))
    error = np.abs(turned.numpy() - expected)
    assert error.max() < 0.06 * picture.std()


def test_any_transform_agrees_with_splines():
    """A turn, a stretch and a shift by fractions, with the mirrored world around the picture."""
    picture = smooth(48, sigma=3.0)
    linear = turn(0.7) @ torch.diag(torch.tensor([1.3, 0.8]))[None]
    shift = torch.tensor([[5.3, -2.6]])
    ours = warp(picture, linear, shift)[0, 0].numpy()
    matrix, offset = linear[0].double().numpy()[::-1, ::-1], shift[0].double().numpy()[::-1]
    centre = np.full(2, 23.5)
    spline = ndimage.affine_transform(
        picture[0, 0].numpy(), matrix, centre - matrix @ (centre + offset), mode="reflect", order=5
    )
    deviation = float(picture.std())
    assert np.abs(ours - spline)[8:-8, 8:-8].max() < 0.05 * deviation
    assert np.sqrt(np.square(ours - spline).mean()) < 0.02 * deviation


def test_detail_survives_a_turn_better_than_plain_bilinear_sampling():
    """There and back by an eighth of a turn: the doubled grid keeps what plain sampling blurs."""
    picture = smooth(64, sigma=0.8)
    there, back = turn(math.pi / 4), turn(-math.pi / 4)
    error = warp(warp(picture, there, STILL), back, STILL) - picture

    def bilinear(images, linear):
        theta = torch.cat([linear, torch.zeros(1, 2, 1)], dim=2).double()
        grid = torch.nn.functional.affine_grid(theta, list(images.shape), align_corners=False)
        return torch.nn.functional.grid_sample(images, grid, align_corners=False)

    plain = bilinear(bilinear(picture, there), back) - picture
    middle = (..., slice(20, 44), slice(20, 44))
    assert error[middle].square().mean() < plain[middle].square().mean() / 4


def test_gradients_of_gradients():
    torch.manual_seed(0)
    linear, shift = turn(0.4).expand(2, -1, -1) * 1.2, torch.tensor([[0.3, 1.0], [2.0, -5.0]])
    picture = torch.randn(2, 1, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: warp(x, linear, shift), picture, fast_mode=True)
    cubed = lambda x: warp(x, linear, shift).pow(3)  # noqa: E731
    assert torch.autograd.gradgradcheck(cubed, picture, fast_mode=True)
