"""Look through an ONNX file for data outside it, before anything opens it.

ONNX Runtime follows a tensor's `external_data` even in a model loaded from memory (in 1.32, with
optimizations off: a path relative to the working directory, `../` too). So the file is searched on
the wire (https://protobuf.dev/programming-guides/encoding/) for tensors that point elsewhere. Only
the messages of onnx.proto3 that can hold a tensor are entered; weights are skipped, not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MAX_DEPTH: Final = 100  # nested messages; the limit of protobuf's own parsers

INSIDE: Final[dict[str, dict[int, str]]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
}
"""Message -> field number -> the message in that field, for all that lead to a TensorProto."""

_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # fields of TensorProto
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types; groups (3, 4) are not in ONNX


class WireError(ValueError):
    """The bytes are not a protobuf message, or they nest too deep."""


def has_external_data(model: bytes) -> bool:
    """Whether a tensor anywhere in a serialized ModelProto keeps its data outside the file.

    Raises:
        WireError: the bytes cannot be an ONNX file.

    """
    return _search(memoryview(model), "ModelProto", 0)


def _search(message: memoryview, kind: str, depth: int) -> bool:
    if depth > MAX_DEPTH:
        raise WireError(f"messages nested deeper than {MAX_DEPTH}")
    if kind == "TensorProto":
        return any(
            number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0)
            for number, value in _fields(message)
        )
    return any(
        isinstance(value, memoryview) and _search(value, INSIDE[kind][number], depth + 1)
        for number, value in _fields(message)
        if number in INSIDE[kind]
    )


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and value of each varint and bytes field; pass over fixed-width ones."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        if not 8 <= tag < 2**32:
            raise WireError("a field number out of range")
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, position = _varint(message, position)
            yield number, value
        elif wire_type == _BYTES:
            length, position = _varint(message, position)
            yield number, message[position : position + length]
            position += length
        elif wire_type in (_FIXED64, _FIXED32):
            position += 8 if wire_type == _FIXED64 else 4
        else:
            raise WireError(f"wire type {wire_type}")
    if position > len(message):
        raise WireError("a field runs past the end")


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return the number at `position` and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise WireError("a number runs past the end")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise WireError("a number longer than ten bytes")
