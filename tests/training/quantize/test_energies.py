import numpy as np
import onnxruntime
from onnx import numpy_helper
from small_generator import feed

from training.quantize.energies import compute_energies


def draw(model, label):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed(label))[0]


def names(model):
    return {tensor.name for tensor in model.graph.initializer}


def test_energies_leave_the_file_and_the_picture_stays(small):
    result = compute_energies(small)
    assert names(small) - names(result) == {"energy_0", "energy_1"}
    for label in (0, 1):
        np.testing.assert_allclose(draw(result, label), draw(small, label), atol=1e-5)


def test_what_only_looks_like_an_energy_is_kept(small):
    tensor = next(t for t in small.graph.initializer if t.name == "energy_0")
    other = numpy_helper.to_array(tensor).copy()
    other[0, 0] *= 1.01
    tensor.CopyFrom(numpy_helper.from_array(other, tensor.name))
    assert names(small) - names(compute_energies(small)) == {"energy_1"}
