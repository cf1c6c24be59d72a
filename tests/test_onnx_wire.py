"""The search on the wire against the onnx package's own descriptors and parser."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import onnx
import pytest
import tiny
from google.protobuf.descriptor import Descriptor
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from skyserver.onnx_wire import INSIDE, MAX_DEPTH, WireError, has_external_data


def outside_tensor(name: str = "w") -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    return tensor


def field(number: int, content: bytes) -> bytes:
    """A message in a field, on the wire."""
    length, size = len(content), bytearray()
    while length >= 0x80:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2, *size, length]) + content


def in_initializer(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(outside_tensor())


def in_constant(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["w"], value=outside_tensor()))


def in_sparse_initializer(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add().values.CopyFrom(outside_tensor())


def in_sparse_indices(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add().indices.CopyFrom(outside_tensor())


def in_subgraph(model: onnx.ModelProto) -> None:
    branch = helper.make_graph([], "branch", [], [], initializer=[outside_tensor()])
    model.graph.node.append(
        helper.make_node("If", ["b"], ["y"], then_branch=branch, else_branch=branch)
    )


def in_function(model: onnx.ModelProto) -> None:
    function = model.functions.add(name="f", domain="d")
    function.node.append(helper.make_node("Constant", [], ["w"], value=outside_tensor()))


def in_function_default(model: onnx.ModelProto) -> None:
    function = model.functions.add(name="f", domain="d")
    function.attribute_proto.append(helper.make_attribute("a", outside_tensor()))


def in_tensor_list(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Any", [], [], many=[outside_tensor()]))


def in_training(model: onnx.ModelProto) -> None:
    model.training_info.add().algorithm.initializer.append(outside_tensor())


def with_location_alone(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL


def with_entries_alone(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].external_data.add(key="location", value="x")


@pytest.mark.parametrize(
    "hide",
    [
        in_initializer,
        in_constant,
        in_sparse_initializer,
        in_sparse_indices,
        in_subgraph,
        in_function,
        in_function_default,
        in_tensor_list,
        in_training,
        with_location_alone,
        with_entries_alone,
    ],
)
def test_finds_external_data(hide: Callable[[onnx.ModelProto], None]) -> None:
    model = tiny.tiny_model()
    assert not has_external_data(model.SerializeToString())
    hide(model)
    assert has_external_data(model.SerializeToString())


def test_finds_it_in_overlong_numbers() -> None:
    # data_location = EXTERNAL with tag and value each written in more bytes than they need.
    tensor = b"\xf0\x80\x80\x00" + b"\x81\x80\x00"
    assert TensorProto.FromString(tensor).data_location == TensorProto.EXTERNAL
    assert has_external_data(field(7, field(5, tensor)))


def test_table_has_every_path_to_a_tensor() -> None:
    """From the descriptors of the installed onnx: no message that leads to a tensor is missed."""

    def leads_to_tensor(message: Descriptor, seen: frozenset[str] = frozenset()) -> bool:
        if message.name == "TensorProto":
            return True
        return message.name not in seen and any(
            leads_to_tensor(field.message_type, seen | {message.name})
            for field in message.fields
            if field.message_type is not None
        )

    pending, table = [onnx.ModelProto.DESCRIPTOR], {}
    while pending:
        message = pending.pop()
        if message.name in table or message.name == "TensorProto":
            continue
        fields = [
            field
            for field in message.fields
            if field.message_type is not None and leads_to_tensor(field.message_type)
        ]
        table[message.name] = {field.number: field.message_type.name for field in fields}
        pending += [field.message_type for field in fields]
    assert table == INSIDE


def test_weights_that_look_like_a_tensor_are_not_one() -> None:
    model = tiny.tiny_model()
    model.graph.initializer.append(
        helper.make_tensor("w", TensorProto.UINT8, [64], bytes(64), raw=True)
    )
    model.graph.initializer[-1].raw_data = outside_tensor().SerializeToString().ljust(64, b"\0")
    assert not has_external_data(model.SerializeToString())


def test_nesting_is_bounded() -> None:
    graph = b""
    for _ in range(MAX_DEPTH):
        attribute = field(6, graph)
        node = field(5, attribute)
        graph = field(1, node)
    with pytest.raises(WireError, match="nested"):
        has_external_data(field(7, graph))


def test_every_truncation_is_refused_or_still_a_message() -> None:
    """A cut inside a field is an error; a cut between two fields leaves a shorter message."""
    data = tiny.tiny_model().SerializeToString()
    for cut in np.linspace(1, len(data) - 1, 200).astype(int):
        try:
            onnx.ModelProto.FromString(data[:cut])
        except Exception:
            with pytest.raises(WireError):
                has_external_data(data[:cut])
        else:
            assert not has_external_data(data[:cut])


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_answer_or_a_wire_error(data: bytes) -> None:
    with contextlib.suppress(WireError):
        has_external_data(data)


@settings(max_examples=100)
@given(st.data())
def test_a_flipped_byte_never_hides_external_data_from_us_alone(data: st.DataObject) -> None:
    """Where the onnx parser still sees an external tensor after damage, so does the search."""
    model = onnx.ModelProto()
    model.graph.initializer.append(outside_tensor())
    raw = bytearray(model.SerializeToString())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        parsed = onnx.ModelProto.FromString(bytes(raw))
    except Exception:
        return
    if any(tensor.external_data or tensor.data_location for tensor in parsed.graph.initializer):
        with contextlib.suppress(WireError):
            assert has_external_data(bytes(raw))
