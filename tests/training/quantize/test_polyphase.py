import numpy as np
import onnxruntime
import pytest
import torch
from small_generator import feed
from torch.nn import functional as F

from training.quantize.polyphase import four_phases, to_convolutions


def draw(model):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed(0))[0]


def operators(model):
    return [node.op_type for node in model.graph.node]


def test_four_phases_interleaved_are_the_transposed_convolution():
    x, kernel = torch.randn(2, 5, 7, 6), torch.randn(5, 3, 3, 3)
    expected = F.pad(F.conv_transpose2d(x, kernel, stride=2), (0, 1, 0, 1))
    phases = F.conv2d(x, torch.from_numpy(four_phases(kernel.numpy())), padding=1)
    rows, columns = phases.shape[2:]
    blocks = phases.reshape(2, 2, 2, 3, rows, columns)  # batch, row, column, channel
    found = blocks.permute(0, 3, 4, 1, 5, 2).reshape(2, 3, 2 * rows, 2 * columns)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_model_draws_the_same_without_transposed_convolutions(small):
    result = to_convolutions(small)
    assert "ConvTranspose" in operators(small)
    assert "ConvTranspose" not in operators(result)
    np.testing.assert_allclose(draw(result), draw(small), atol=1e-5)


@pytest.mark.parametrize("change", ["strides", "follower"])
def test_others_stay_as_they_are(small, change):
    transposed = next(node for node in small.graph.node if node.op_type == "ConvTranspose")
    fir = next(node for node in small.graph.node if "fir" in node.input)
    if change == "strides":
        transposed.attribute[0].ints[0] = 1
    else:
        next(a for a in fir.attribute if a.name == "pads").ints[2] = 0
    assert to_convolutions(small) == small


def test_narrow_ones_stay_as_they_are(small):
    assert to_convolutions(small, fewest=65) == small
    assert to_convolutions(small, fewest=64) != small
