"""Codes of 2 to 8 bits in bytes, and the ONNX nodes that make weights of them again: multiples of a
scale (`dequantizer`), or what a table holds for streams of codes (`lookup`).

ONNX has a 4-bit type from opset 21 on and nothing for 3 or 6 bits. Here a code of any width is cut
into planes of 8, 4, 2 and 1 bits (6 = 4 + 2), each of which fills its bytes; shifts and masks put
it together. All of it is constant: ONNX Runtime folds it when it loads the file, so that a picture
costs what it costs with float32 weights. (It does not fold DequantizeLinear.)

What that costs, once, is nodes and passes over all weights. So codes stay bytes until they are
whole; bytes are shifted by the row, which is ten times as fast as by one number for each code; and
no ONNX function holds the nodes, which would take longer to inline than to compute.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx.parser
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from training.quantize.trellis import WINDOW, predecessors

OPSET = 18  # the first with BitwiseAnd
TABLE = "trellis.table"  # the initializer that all lookups share

_AT_THE_TOP = """
    places{width} = Constant <value = uint8[{count}, 1] {{{places}}}> ()
    raised{width} = BitShift <direction: string = "LEFT"> (codes{width}, places{width})
    mask{width} = Constant <value = uint8[1] {{{mask}}}> ()
    masked{width} = BitwiseAnd (raised{width}, mask{width})
    top{width} = Reshape (masked{width}, by_block)
"""
_WHOLE_BYTES = "top8 = Reshape (codes8, by_block)"
_BELOW = """
    place{width} = Constant <value = uint8[1] {{{place}}}> ()
    lowered{width} = BitShift <direction: string = "RIGHT"> (top{width}, place{width})
    sum{width} = BitwiseOr ({above}, lowered{width})
"""
_WEIGHTS = """
    by_block = Constant <value_ints: ints = [-1, {length}]> ()
    {unpacked}
    signed = Cast <to: int = {int8}> ({codes})
    multiples = Cast <to: int = {float32}> (signed)
    steps = Cast <to: int = {float32}> (scales)
    unit = Constant <value_float: float = {unit}> ()
    factors = Mul (steps, unit)
    weights = Mul (multiples, factors)
"""
_ENTRIES = """
    by_block = Constant <value_ints: ints = [-1, {length}]> ()
    {unpacked}
    place = Constant <value = uint8[1] {{{place}}}> ()
    whole = BitShift <direction: string = "RIGHT"> ({codes}, place)
    window0 = Cast <to: int = {int32}> (whole)
    {earlier}
    mask = Constant <value = int32 {{{mask}}}> ()
    places = BitwiseAnd (window{most}, mask)
    entries = Cast <to: int = {float32}> (table)
    weights = Gather <axis: int = 0> (entries, places)
"""
_EARLIER = """
    pads{back} = Constant <value_ints: ints = [0, {back}, 0, -{back}]> ()
    code{back} = Pad (window0, pads{back})
    worth{back} = Constant <value = int32 {{{worth}}}> ()
    raised_code{back} = Mul (code{back}, worth{back})
    window{back} = Add (window{before}, raised_code{back})
"""


def plane_widths(bits: int) -> list[int]:
    """The planes of a code, from its lowest bits upwards: 8, 4, 2 or 1 bits wide."""
    return [width for width in (8, 4, 2, 1) if bits & width]


def pack(codes: NDArray[np.int8], bits: int) -> list[NDArray[np.uint8]]:
    """Codes from -2 ** (bits - 1) to 2 ** (bits - 1) - 1, a multiple of 8 of them, to the bytes of
    each plane.

    A code is a two's complement number. The first codes are in the lowest bits of all the bytes,
    in order, the next ones above them, and so on.
    """
    rest = codes.ravel().astype(np.int16) % 2**bits
    planes = []
    for width in plane_widths(bits):
        shifts = np.arange(0, 8, width)[:, None]
        parts = (rest % 2**width).reshape(len(shifts), -1)
        planes.append(np.bitwise_or.reduce(parts << shifts, axis=0).astype(np.uint8))
        rest >>= width
    return planes


def dequantizer(name: str, bits: int, length: int) -> list[NodeProto]:
    """Nodes from `name`.codes8 to `name`.codes1 (the planes that there are) and `name`.scales,
    float16 (blocks, 1), to `name`.weights, float32 (blocks, length)."""
    unpacked, codes = _unpacker(bits)
    text = _WEIGHTS.format(
        length=length,
        unpacked=unpacked,
        codes=codes,
        int8=TensorProto.INT8,
        float32=TensorProto.FLOAT,
        unit=2.0 ** (bits - 8),
    )
    return _nodes(name, text, {})


def lookup(name: str, bits: int, length: int) -> list[NodeProto]:
    """Nodes from the planes of `name` and the table of a trellis, float16, to `name`.weights,
    float32 (blocks, length): the entries that streams of `length` codes stand for."""
    unpacked, codes = _unpacker(bits)
    most = predecessors(bits)
    earlier = [
        _EARLIER.format(back=back, before=back - 1, worth=2 ** (bits * back))
        for back in range(1, most + 1)
    ]
    text = _ENTRIES.format(
        length=length,
        unpacked=unpacked,
        codes=codes,
        place=8 - bits,
        int32=TensorProto.INT32,
        float32=TensorProto.FLOAT,
        earlier="\n".join(earlier),
        most=most,
        mask=2**WINDOW - 1,
    )
    return _nodes(name, text, {"table": TABLE})


def _unpacker(bits: int) -> tuple[str, str]:
    """From planes to uint8 (blocks, length) with each code at the top of its byte, which as int8 is
    the code times 2 ** (8 - bits): the nodes, and the name of what they make."""
    highest, *lower = reversed(plane_widths(bits))
    nodes, codes, place = [_at_the_top(highest)], f"top{highest}", highest
    for width in lower:
        nodes += [_at_the_top(width), _BELOW.format(width=width, place=place, above=codes)]
        codes, place = f"sum{width}", place + width
    return "\n".join(nodes), codes


def _at_the_top(width: int) -> str:
    """From a plane to uint8 (blocks, length) with each entry at the top of its byte."""
    if width == 8:
        return _WHOLE_BYTES
    places = range(8 - width, -1, -width)
    return _AT_THE_TOP.format(
        width=width,
        count=len(places),
        places=", ".join(map(str, places)),
        mask=256 - 2 ** (8 - width),
    )


def _nodes(name: str, text: str, shared: Mapping[str, str]) -> list[NodeProto]:
    """The nodes of a text, with `name` before every name in it but those of `shared`, which have
    names of their own."""
    nodes = list(onnx.parser.parse_graph(f"graph () => () {{{text}}}").node)
    for node in nodes:
        node.input[:] = [shared.get(value, f"{name}.{value}") for value in node.input]
        node.output[:] = [f"{name}.{value}" for value in node.output]
    return nodes
