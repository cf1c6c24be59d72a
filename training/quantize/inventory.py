"""What the bytes of a model file feed: which of them a quantizer could reach at all.

Quantizers look for operators that take a constant weight. So each stored tensor is counted at the
operator whose weight it is, with what happens to it on the way: it may be `constant` when it
arrives, be `decoded` from other constants (codes and scales), or `computed` with what the inputs of
the graph bring (a style).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from rich.table import Table

WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul", "MatMulNBits")
SMALLEST_SHARE = 5e-4  # of the file: what a table shows as 0.1 % or more
REST = "names, shapes, metadata"


@dataclass(frozen=True)
class Row:
    """`size` bytes in `count` tensors that feed `operator`.

    `how` says in which state a weight arrives; it is empty for what is no weight.
    """

    operator: str
    how: str
    count: int
    size: int


def read(path: Path) -> onnx.ModelProto:
    """Read an ONNX file, without data outside it.

    Raises ValueError, naming the file, where it cannot be read or is no ONNX file.
    """
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    except DecodeError:
        raise ValueError(f"{path}: not an ONNX file, or damaged") from None
    if not model.graph.node:
        raise ValueError(f"{path}: not an ONNX file, or one without a graph")
    return model


def inventory(model: onnx.ModelProto) -> list[Row]:
    """Every byte of a model once, the largest row first; the last row is what is in no tensor."""
    graph = model.graph
    sizes = {tensor.name: tensor.ByteSize() for tensor in graph.initializer}
    sizes |= {n.output[0]: n.ByteSize() for n in graph.node if n.op_type == "Constant"}
    roles = dict(_weights(graph, set(sizes)))
    for node in graph.node:
        for name in node.input:
            roles.setdefault(name, (node.op_type, ""))
    members: dict[tuple[str, str], list[int]] = {}
    for name, size in sizes.items():
        members.setdefault(roles.get(name, ("nothing", "")), []).append(size)
    rows = [Row(*role, len(found), sum(found)) for role, found in members.items()]
    rows.sort(key=lambda row: -row.size)
    return [*rows, Row(REST, "", 0, model.ByteSize() - sum(sizes.values()))]


def _weights(graph: onnx.GraphProto, constants: set[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Constants that a weight is made of, with the operator that takes it and how it arrives."""
    makers = {name: node for node in graph.node for name in node.output if name not in constants}
    weighted = [node for node in graph.node if node.op_type in WEIGHTED]
    # the last one counts: convolutions, where demodulation energies are computed from their weights
    for node in sorted(weighted, key=lambda node: -WEIGHTED.index(node.op_type)):
        weight = node.input[1]
        if weight in constants:
            yield weight, (node.op_type, "constant")
            continue
        sources = _sources(weight, makers)
        how = "decoded" if sources <= constants else "computed"
        yield from ((name, (node.op_type, how)) for name in sources & constants)


def _sources(value: str, makers: dict[str, onnx.NodeProto]) -> set[str]:
    """What a value is made of: constants, inputs, and results of other weighted operators."""
    seen, ends, ahead = set(), set(), [value]
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        maker = makers.get(name)
        if maker is None or maker.op_type in WEIGHTED:
            ends.add(name)
        else:
            ahead += filter(None, maker.input)
    return ends


def table(model: onnx.ModelProto, title: str) -> Table:
    """The inventory for people; rows too small to show in it are one."""
    total = model.ByteSize()
    rows = inventory(model)
    small = [row for row in rows if row.size < SMALLEST_SHARE * total]
    shown = [row for row in rows if row not in small]
    if small:
        shown.append(Row("others", "", sum(r.count for r in small), sum(r.size for r in small)))
    result = Table("feeds", "as a weight that is", "tensors", "MB", "share", title=title)
    for column in result.columns[2:]:
        column.justify = "right"
    for row in shown:
        size, share = f"{row.size / 1e6:.2f}", f"{row.size / total:.1%}"
        result.add_row(row.operator, row.how, str(row.count), size, share)
    return result
