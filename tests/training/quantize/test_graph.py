import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from small_generator import feed, small_generator

from training.quantize.graph import HALF, Plan, halves, quantize_weights
from training.quantize.targets import targets
from training.quantize.trellis import draft, trellised
from training.quantize.weights import Quantized, as_matrix, from_matrix, nearest


def session(model, optimized=None):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if optimized:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def values(model):
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def rounded_by_hand(model, plan, rounder=nearest):
    """The model with float32 weights that have been through the codes and back."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    for tensor in result.graph.initializer:
        if tensor.name in plan:
            target, entry = targets(model)[tensor.name], plan[tensor.name]
            matrix = as_matrix(numpy_helper.to_array(tensor), target.axis)
            back = rounder(tensor.name, matrix, entry.bits, entry.block).dequantize()
            weight = from_matrix(back, target.shape, target.axis)
            tensor.CopyFrom(numpy_helper.from_array(weight, tensor.name))
    return result


@pytest.mark.parametrize(("bits", "block"), [(8, None), (6, 16), (4, 32), (3, 8)])
def test_the_file_draws_what_the_rounded_weights_draw(small, bits, block):
    plan = {name: Plan(bits, block) for name in targets(small)}
    model = quantize_weights(small, plan)
    onnx.checker.check_model(model, full_check=True)
    for label in (0, 1):
        drawn = session(model).run(None, feed(label))[0]
        expected = session(rounded_by_hand(small, plan)).run(None, feed(label))[0]
        np.testing.assert_allclose(drawn, expected, atol=1e-5)
    assert not np.allclose(drawn, session(small).run(None, feed(1))[0], atol=1e-4)


def test_widths_may_differ_by_weight(small):
    widths = dict(zip(targets(small), (2, 3, 4, 5, 6, 7, 8), strict=False))
    plan = {name: Plan(bits, 16) for name, bits in widths.items()}
    drawn = session(quantize_weights(small, plan)).run(None, feed(0))[0]
    expected = session(rounded_by_hand(small, plan)).run(None, feed(0))[0]
    np.testing.assert_allclose(drawn, expected, atol=1e-5)


def test_weights_alike_are_unpacked_together(small):
    """Few nodes, and no function that would be inlined: the file is quickly loaded."""
    plan = {name: Plan(4, 32) for name in targets(small)}
    plan["mapping_weight"] = Plan(8)
    model = quantize_weights(small, plan)
    operators = [node.op_type for node in model.graph.node]
    assert len(plan) > 4
    assert (operators.count("BitShift"), operators.count("Split")) == (1, 2)
    assert not model.functions


def test_streams_of_codes_are_one_more_way(small):
    """For weights of any axis, beside those of more bits."""
    plan = {name: Plan(8 if name == "affine_1" else 4) for name in targets(small)}
    rounder = trellised({})
    model = quantize_weights(small, plan, rounder)
    onnx.checker.check_model(model, full_check=True)
    groups = {name.rpartition(".codes")[0] for name in values(model) if ".codes" in name}
    assert {group.rstrip("0123456789") for group in groups} == {"int8x", "trellis4x"}
    assert len([name for name in values(model) if "table" in name]) == 1
    drawn = session(model).run(None, feed(0))[0]
    expected = session(rounded_by_hand(small, plan, rounder)).run(None, feed(0))[0]
    np.testing.assert_allclose(drawn, expected, atol=1e-5)


def test_float16_is_the_nearest_one(small):
    model = quantize_weights(small, halves(small))
    stored = values(model)
    for name, value in values(small).items():
        if name in halves(small):
            np.testing.assert_array_equal(stored[f"{name}.half"], value.astype(np.float16))
            assert name not in stored
        else:
            np.testing.assert_array_equal(stored[name], value)
    assert "weight_0" in halves(small)
    assert "low" not in halves(small)  # a number is smaller than a Cast


def test_what_float16_cannot_hold_stays_float32(small):
    tensor = next(t for t in small.graph.initializer if t.name == "weight_0")
    tensor.CopyFrom(numpy_helper.from_array(1e6 * numpy_helper.to_array(tensor), "weight_0"))
    assert "weight_0" not in halves(small)


def test_sizes_are_known_before_the_file_is_written(small):
    for plan in (Plan(HALF), Plan(8), Plan(6, 16), Plan(4, 32)):
        model = quantize_weights(small, {"weight_1": plan})
        bytes_in_file = sum(
            value.nbytes
            for value in values(model).values()
            if value.dtype in (np.uint8, np.float16)
        )
        assert plan.size(targets(small)["weight_1"]) == bytes_in_file


@pytest.mark.parametrize("rounder", [nearest, draft])
def test_onnxruntime_folds_it_all_when_it_loads_the_file(small, tmp_path, rounder):
    session(small, tmp_path / "plain.onnx")
    plan = halves(small) | {name: Plan(6, 16) for name in targets(small)}
    session(quantize_weights(small, plan, rounder), tmp_path / "quantized.onnx")
    plain, quantized = (
        sorted(node.op_type for node in onnx.load(tmp_path / f"{name}.onnx").graph.node)
        for name in ("plain", "quantized")
    )
    assert quantized == plain


def test_any_rounder_may_choose_the_codes(small):
    seen = []

    def ones(name, weight, bits, block):
        seen.append((name, weight.shape, bits, block))
        codes = np.ones(weight.shape, np.int8)
        return Quantized(codes, np.full((len(weight), 1), 0.5, np.float32), bits)

    model = quantize_weights(small, {"weight_1": Plan(4)}, ones)
    assert seen == [("weight_1", (64, 576), 4, None)]
    by_hand = onnx.ModelProto()
    by_hand.CopyFrom(small)
    tensor = next(t for t in by_hand.graph.initializer if t.name == "weight_1")
    tensor.CopyFrom(numpy_helper.from_array(np.full((64, 64, 3, 3), 0.5, np.float32), "weight_1"))
    np.testing.assert_allclose(
        session(model).run(None, feed(0))[0], session(by_hand).run(None, feed(0))[0], atol=1e-6
    )


def test_an_opset_without_the_operators_is_refused():
    with pytest.raises(ValueError, match="int4: not in opset 17; allowed: opset 18 or later"):
        quantize_weights(small_generator(opset=17), {"weight_0": Plan(4, 32)})


@pytest.mark.parametrize("name", ["fir", "first"])
def test_only_weights_become_codes(small, name):
    with pytest.raises(ValueError, match=name):
        quantize_weights(small, {name: Plan(4)})
