import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, checker, helper

from training.quantize import trellis
from training.quantize.packing import OPSET, TABLE, dequantizer, lookup, pack, plane_widths
from training.quantize.trellis import TrellisCoded
from training.quantize.weights import BITS

RNG = np.random.default_rng(0)


def test_planes_are_the_bits_of_a_code():
    codes = np.array([-31, -1, 0, 1, 31, 5, 6, 7], np.int8)
    low, high = pack(codes, 6)
    assert plane_widths(6) == [4, 2]
    assert (low.dtype, len(low), len(high)) == (np.uint8, 4, 2)
    stored = [code % 64 for code in codes.tolist()]  # two's complement
    assert low[1] == stored[1] % 16 + 16 * (stored[5] % 16)
    assert high[1] == sum((stored[1 + 2 * i] >> 4) << 2 * i for i in range(4))


@pytest.mark.parametrize("bits", BITS)
def test_onnxruntime_makes_the_weights_again(bits):
    lowest = -(2 ** (bits - 1))
    codes = RNG.integers(lowest, -lowest, (12, 16)).astype(np.int8)
    codes[0, :2] = lowest, -lowest - 1
    scales = RNG.uniform(0.1, 1, (12, 1)).astype(np.float16)
    planes = pack(codes, bits)
    assert sum(plane.nbytes for plane in planes) == codes.size * bits // 8
    names = [f"some.codes{width}" for width in plane_widths(bits)]
    feed = dict(zip(names, planes, strict=True)) | {"some.scales": scales}
    weights = run(dequantizer("some", bits, length=16), feed)
    np.testing.assert_array_equal(weights, scales.astype(np.float32) * codes)


@pytest.mark.parametrize("bits", trellis.BITS)
def test_onnxruntime_follows_streams_of_codes(bits):
    codes = RNG.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (16, 12)).astype(np.int8)
    known = TrellisCoded(codes, np.ones((16, 1), np.float32), bits)
    names = [f"some.codes{width}" for width in plane_widths(bits)]
    feed = dict(zip(names, pack(known.blocks(), bits), strict=True)) | {TABLE: trellis.table()}
    streams = run(lookup("some", bits, length=16), feed)
    np.testing.assert_array_equal(streams, known.dequantize().T)


def run(nodes, feed):
    inputs = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
        )
        for name, value in feed.items()
    ]
    output = helper.make_tensor_value_info("some.weights", TensorProto.FLOAT, [12, 16])
    graph = helper.make_graph(nodes, "graph", inputs, [output])
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed)[0]
