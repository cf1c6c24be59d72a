import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

from training.cli import app
from training.quantize.inventory import REST, Row, inventory, read


def tensor(name, shape, dtype=np.float32):
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def model(nodes, tensors):
    def value(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes, "g", [value("x", [1, 4]), value("map", [1, 4, 8, 8])], [value("y", None)], tensors
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


CODES = tensor("codes", (4, 4), np.int8)
SCALES = tensor("scales", (4, 1))
PLAIN = tensor("plain", (4, 4))
STYLED = tensor("styled", (4, 4, 3, 3))
EPSILON = tensor("epsilon", ())
NOISE = tensor("noise", (8, 8))
UNUSED = tensor("unused", (2,))
MIXED = model(
    [
        helper.make_node("MatMul", ["x", "plain"], ["style"]),
        helper.make_node("Cast", ["codes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scales"], ["decoded"]),
        helper.make_node("Gemm", ["style", "decoded"], ["row"]),
        helper.make_node("Mul", ["styled", "row"], ["modulated"]),
        helper.make_node("Add", ["modulated", "epsilon"], ["weight"]),
        helper.make_node("Conv", ["map", "weight"], ["convolved"]),
        helper.make_node("Add", ["convolved", "noise"], ["y"]),
    ],
    [CODES, SCALES, PLAIN, STYLED, EPSILON, NOISE, UNUSED],
)


def size(*tensors):
    return sum(t.ByteSize() for t in tensors)


def test_a_tensor_counts_where_it_ends_up_as_a_weight():
    """The style that goes into the convolution's weight brings neither `plain` nor the codes."""
    rows = inventory(MIXED)
    assert rows[:-1] == [
        Row("Conv", "computed", 2, size(STYLED, EPSILON)),
        Row("Add", "", 1, size(NOISE)),
        Row("MatMul", "constant", 1, size(PLAIN)),
        Row("Gemm", "decoded", 2, size(CODES, SCALES)),
        Row("nothing", "", 1, size(UNUSED)),
    ]
    assert rows[-1].operator == REST


def test_every_byte_of_the_file_counts_once(tmp_path):
    path = tmp_path / "mixed.onnx"
    path.write_bytes(MIXED.SerializeToString())
    assert sum(row.size for row in inventory(read(path))) == path.stat().st_size


@pytest.mark.parametrize("energy_first", [True, False])
def test_a_kernel_whose_energy_is_computed_from_it_counts_as_a_kernel(energy_first):
    energy = [
        helper.make_node("ReduceSumSquare", ["styled"], ["energies"], keepdims=0),
        helper.make_node("MatMul", ["x", "energies"], ["row"]),
    ]
    convolution = [helper.make_node("Conv", ["map", "styled"], ["convolved"])]
    nodes = energy + convolution if energy_first else convolution + energy
    nodes.append(helper.make_node("Mul", ["convolved", "row"], ["y"]))
    assert inventory(model(nodes, [STYLED]))[0] == Row("Conv", "constant", 1, size(STYLED))


def test_constant_nodes_count_as_tensors():
    constant = helper.make_node("Constant", [], ["plain"], value=PLAIN)
    rows = inventory(model([constant, helper.make_node("MatMul", ["x", "plain"], ["y"])], []))
    assert rows[0] == Row("MatMul", "constant", 1, constant.ByteSize())


def test_the_command_shows_size_opset_and_shares(tmp_path):
    path = tmp_path / "mixed.onnx"
    path.write_bytes(MIXED.SerializeToString())
    shown = CliRunner().invoke(app, ["bytes", str(path)], env={"COLUMNS": "100"})
    assert "mixed.onnx: 0.00 MB, opset 18" in shown.stdout
    share = size(STYLED, EPSILON) / path.stat().st_size
    (line,) = [line for line in shown.stdout.splitlines() if "computed" in line]
    assert f"{share:.1%}" in line


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_other_files_are_refused_by_name(content, tmp_path):
    path = tmp_path / "other.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.onnx: (not an ONNX file|cannot be read)"):
        read(path)
