import numpy as np
import pytest
import torch

from training.augmentation.blit import blit, copy_pixels
from training.augmentation.draws import Draws


def reference(picture, flip, quarters, dx, dy):
    """The same in numpy; np.pad's 'symmetric' mirrors at the edge."""
    picture = picture[..., ::-1] if flip else picture
    picture = np.rot90(picture, quarters, axes=(-2, -1))
    size = picture.shape[-1]
    padded = np.pad(picture, ((0, 0), (size, size), (size, size)), mode="symmetric")
    return padded[:, size - dy : 2 * size - dy, size - dx : 2 * size - dx]


@pytest.mark.parametrize("size", [8, 9])
def test_pixels_are_those_of_numpy(size):
    images = torch.randn(16, 3, size, size, generator=torch.Generator().manual_seed(0))
    cases = [(f, q, dx, dy) for f in (0, 1) for q in range(4) for dx, dy in ((0, 0), (3, -2))]
    table = torch.tensor(cases)
    moved = copy_pixels(images, table[:, :1], table[:, 1:2], table[:, 2:])
    for index, case in enumerate(cases):
        np.testing.assert_array_equal(moved[index], reference(images[index].numpy(), *case))


def test_shifts_are_whole_pixels_up_to_an_eighth():
    """Where the darkest corner of a ramp went: each shift is as likely, the outermost half so."""
    torch.manual_seed(0)
    ramp = torch.arange(32.0).expand(4000, 1, 32, 32)
    moved = blit(ramp, Draws(4000, 1.0, torch.device("cpu")))
    middle = moved[:, 0, 8:24, 8:24]
    across = (middle.diff(dim=2)[:, 0, 0], middle.diff(dim=1)[:, 0, 0])
    step = across[0] + across[1]  # the ramp lies across or down, and rises by one
    assert (step.abs() == 1).all()
    assert moved.min() == 0
    assert moved.max() == 31
    centre = middle.mean(dim=(1, 2)) - 15.5
    shifts, counts = centre.unique(return_counts=True)
    assert shifts.tolist() == list(range(-4, 5))
    expected = torch.tensor([1, 2, 2, 2, 2, 2, 2, 2, 1]) / 16
    assert (counts / 4000 - expected).abs().max() < 0.025
