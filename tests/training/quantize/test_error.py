import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from skyserver.model import SkyModel
from training.quantize.error import Error, measure
from training.quantize.latents import feeds


def test_decibels_and_levels_of_a_known_error():
    error = Error(squared=(8 / 255) ** 2, largest=0.1)
    assert error.levels == pytest.approx(8)
    assert error.psnr == pytest.approx(20 * np.log10(255 / 8))
    assert Error(0, 0).psnr == 200


def test_the_error_is_that_of_the_pictures(small, small_file, tmp_path):
    low = next(tensor for tensor in small.graph.initializer if tensor.name == "low")
    low.CopyFrom(numpy_helper.from_array(np.float32(-0.5), "low"))
    onnx.save(small, tmp_path / "clipped.onnx")
    model, reference = (SkyModel.load(path) for path in (tmp_path / "clipped.onnx", small_file))
    drawn = feeds(reference.info, 2, seed=0)
    steps = []
    error = measure(model, reference, drawn, lambda *step: steps.append(step))
    pictures = np.stack([reference.run(feed["z"], feed["c"][0], 1) for feed in drawn])
    expected = np.maximum(0.25 - pictures, 0)  # -0.5 on [-1, 1]
    assert error.squared == pytest.approx(np.square(expected).mean(), rel=1e-4)
    assert error.largest == pytest.approx(0.25)
    assert steps == [(0, 4), (1, 4), (2, 4), (3, 4)]
