import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial.transform import Rotation

from training.augmentation.colour import colour_map, recolour
from training.augmentation.draws import Draws

NEUTRAL = {"brightness": 0.0, "contrast": 1.0, "flip": 0.0, "hue": 0.0, "saturation": 1.0}
AXIS = np.ones(3) / math.sqrt(3)
LUMA = np.outer(AXIS, AXIS)


def mapped(colour, **changed):
    """What a colour becomes."""
    matrix, offset = colour_map(
        **{name: torch.tensor([[value]]) for name, value in (NEUTRAL | changed).items()}
    )
    return (matrix[0] @ torch.tensor(colour, dtype=torch.float32) + offset[0]).numpy()


@pytest.mark.parametrize(
    ("changed", "matrix", "offset"),
    [
        ({}, np.eye(3), 0),
        ({"brightness": 0.3}, np.eye(3), 0.3),
        ({"contrast": 1.7}, 1.7 * np.eye(3), 0),
        ({"flip": 1.0}, np.eye(3) - 2 * LUMA, 0),  # Householder reflection
        ({"hue": 0.9}, Rotation.from_rotvec(0.9 * AXIS).as_matrix(), 0),
        ({"saturation": 0.4}, LUMA + 0.4 * (np.eye(3) - LUMA), 0),
        ({"brightness": 0.3, "contrast": 1.7}, 1.7 * np.eye(3), 0.3 * 1.7),
        (
            {"flip": 1.0, "hue": 2.0, "contrast": 2.0},
            2 * Rotation.from_rotvec(2 * AXIS).as_matrix() @ (np.eye(3) - 2 * LUMA),
            0,
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_each_change_is_its_matrix(changed, matrix, offset):
    colour = np.array([0.2, -0.5, 0.9])
    np.testing.assert_allclose(mapped(colour, **changed), matrix @ colour + offset, atol=1e-6)


def test_a_third_of_a_turn_of_hue_swaps_the_channels():
    assert mapped([1.0, 0, 0], hue=2 * math.pi / 3) == pytest.approx([0, 1, 0], abs=1e-6)


def test_brightness_of_black_is_normal():
    """Grey stays grey under hue and saturation; contrast and luma flip scale it."""
    torch.manual_seed(0)
    count = 20_000
    grey = recolour(torch.zeros(count, 3, 1, 1), Draws(count, 0.3, torch.device("cpu")))[..., 0, 0]
    assert (grey - grey.mean(dim=1, keepdim=True)).abs().max() < 1e-5
    assert (grey.abs().amax(dim=1) > 1e-7).float().mean() == pytest.approx(0.3, abs=0.015)


def test_saturation_and_contrast_have_their_strengths():
    """The distance of a chroma from grey is scaled by 2^N(0, 1²) 2^N(0, 0.5²)."""
    torch.manual_seed(0)
    count = 20_000
    chroma = torch.tensor([1.0, -1, 0])[:, None, None].expand(count, 3, 1, 1)
    out = recolour(chroma, Draws(count, 1.0, torch.device("cpu")))
    distance = (out - out.mean(dim=1, keepdim=True)).flatten(1).norm(dim=1) / math.sqrt(2)
    octaves = distance.double().log2()
    assert stats.kstest(octaves.numpy(), stats.norm(0, math.sqrt(1.25)).cdf).pvalue > 0.01
