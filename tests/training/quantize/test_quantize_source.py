import onnx
import pytest
from onnx import helper

from skyserver.errors import ModelError
from training.quantize.graph import Plan, halves, quantize_weights
from training.quantize.source import KEY, read


def test_a_float32_model_is_read_and_draws(small_file):
    source = read(small_file)
    assert [cloud.code for cloud in source.model.info.classes] == ["Ac", "Cu"]
    assert len(source.graph.graph.node) == len(onnx.load(small_file).graph.node)


@pytest.mark.parametrize(
    ("plan", "found"), [({"weight_0": Plan(4, 32)}, "FLOAT16, UINT8"), (None, "FLOAT16")]
)
def test_quantized_weights_are_seen(small, small_file, plan, found):
    onnx.save(quantize_weights(small, plan or halves(small)), small_file)
    with pytest.raises(ModelError, match=rf"already quantized \({found}\); allowed: float32"):
        read(small_file)


def test_a_file_that_says_that_it_is_quantized_is_believed(small, small_file):
    helper.set_model_props(
        small, {entry.key: entry.value for entry in small.metadata_props} | {KEY: "int8"}
    )
    onnx.save(small, small_file)
    with pytest.raises(ModelError, match=r"already quantized \(int8\)"):
        read(small_file)


def test_what_is_no_generator_is_refused(small, small_file):
    small.graph.input[0].name = "code"
    small.graph.node[0].input[0] = "code"
    onnx.save(small, small_file)
    with pytest.raises(ModelError, match="inputs must be z, c and psi"):
        read(small_file)
