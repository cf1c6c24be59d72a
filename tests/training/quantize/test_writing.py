import json
import math

import onnx
import onnxruntime
import pytest

from skyserver.model import SkyModel
from training.quantize.error import measure
from training.quantize.latents import feeds
from training.quantize.methods import METHODS, Settings
from training.quantize.source import KEY, read
from training.quantize.writing import write


@pytest.fixture
def source(small_file):
    return read(small_file)


def properties(path):
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_the_file_says_what_was_done_and_what_it_cost(source, tmp_path):
    output = tmp_path / "int8.onnx"
    drawn = feeds(source.model.info, 2, seed=1)
    graph = METHODS["int8"](source.graph, Settings(drawn))
    error = write(source, graph, "int8", output, drawn, most=8)
    before, after = properties(source.path), properties(output)
    facts = json.loads(after.pop(KEY))
    assert after == before
    assert (facts["method"], facts["pictures"]) == ("int8", 4)
    assert facts["source"] == source.model.info.digest
    again = measure(SkyModel.load(output), source.model, drawn)
    assert error.squared == pytest.approx(again.squared)
    assert facts["psnr"] == pytest.approx(again.psnr, abs=0.01)
    assert facts["rms_levels"] == pytest.approx(255 * math.sqrt(again.squared), abs=1e-3)
    assert facts["largest"] == pytest.approx(again.largest, abs=1e-4)
    onnx.checker.check_model(onnx.load(output), full_check=True)
    onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])


def test_too_large_an_error_is_refused_and_leaves_nothing(source, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    drawn = feeds(source.model.info, 1, seed=1)
    graph = METHODS["int2"](source.graph, Settings(drawn))
    with pytest.raises(ValueError, match=r"int2 has an error of .* allowed by --max-error: 8"):
        write(source, graph, "int2", folder / "int2.onnx", drawn, most=8)
    assert not list(folder.iterdir())
