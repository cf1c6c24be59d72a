import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, checker, helper

from training.quantize.packing import DOMAIN, OPSET, dequantizer, pack, plane_widths
from training.quantize.weights import BITS

RNG = np.random.default_rng(0)


def test_planes_are_the_bits_of_a_code():
    codes = np.array([-31, -1, 0, 1, 31, 5, 6, 7], np.int8)
    low, high = pack(codes, 6)
    assert plane_widths(6) == [4, 2]
    assert (low.dtype, len(low), len(high)) == (np.uint8, 4, 2)
    stored = [code + 32 for code in codes.tolist()]
    assert low[0] == stored[0] % 16 + 16 * (stored[1] % 16)
    assert high[1] == sum((stored[4 + i] >> 4) << 2 * i for i in range(4))


@pytest.mark.parametrize("bits", BITS)
def test_onnxruntime_makes_the_weights_again(bits):
    highest = 2 ** (bits - 1) - 1
    codes = RNG.integers(-highest, highest + 1, (4, 48)).astype(np.int8)
    codes[0, :2] = -highest, highest
    scales = RNG.uniform(0.1, 1, (4, 3)).astype(np.float16)
    planes = pack(codes, bits)
    assert sum(plane.nbytes for plane in planes) == codes.size * bits // 8
    names = [f"plane{width}" for width in plane_widths(bits)]
    feed = dict(zip(names, planes, strict=True))
    feed |= {"scales": scales[:, :, None], "shape": np.array([2, 2, 6, 8])}
    weight = run(dequantizer(bits), feed)
    expected = np.repeat(scales.astype(np.float32), 16, axis=1) * codes
    np.testing.assert_array_equal(weight, expected.reshape(2, 2, 6, 8))


def run(function, feed):
    inputs = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
        )
        for name, value in feed.items()
    ]
    node = helper.make_node(function.name, list(feed), ["weight"], domain=DOMAIN)
    output = helper.make_tensor_value_info("weight", TensorProto.FLOAT, [2, 2, 6, 8])
    graph = helper.make_graph([node], "graph", inputs, [output])
    model = helper.make_model(
        graph,
        functions=[function],
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)],
        ir_version=9,
    )
    checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed)[0]
