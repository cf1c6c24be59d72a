"""Codes of 2 to 8 bits in bytes, and the ONNX function that makes weights of them again.

ONNX has a 4-bit type from opset 21 on and nothing for 3 or 6 bits. Here a code of any width is cut
into planes of 8, 4, 2 and 1 bits (6 = 4 + 2), each of which fills its bytes; shifts, masks and a
product put it together. All of it is constant: ONNX Runtime folds it when it loads the file, so
that a picture costs what it costs with float32 weights. (It does not fold DequantizeLinear.)
"""

from __future__ import annotations

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray

DOMAIN = "skyserver.weights"
OPSET = 18  # the first with BitwiseAnd

_FUNCTION = """
<domain: "{domain}", opset_import: ["": {opset}]>
Dequantize{bits} ({inputs}, scales, shape) => (weight)
{{
    minus_one = Constant <value_ints: ints = [-1]> ()
    {planes}
    zero = Constant <value_float: float = {zero}.0> ()
    centred = Sub ({codes}, zero)
    rows_and_blocks = Shape <start: int = 0, end: int = 2> (scales)
    by_block = Concat <axis: int = 0> (rows_and_blocks, minus_one)
    blocks = Reshape (centred, by_block)
    factors = Cast <to: int = 1> (scales)
    scaled = Mul (blocks, factors)
    weight = Reshape (scaled, shape)
}}
"""
_UNPACK = """
    column{width} = Unsqueeze (plane{width}, minus_one)
    shifts{width} = Constant <value = uint8[{count}] {{{shifts}}}> ()
    shifted{width} = BitShift <direction: string = "RIGHT"> (column{width}, shifts{width})
    mask{width} = Constant <value = uint8[1] {{{mask}}}> ()
    masked{width} = BitwiseAnd (shifted{width}, mask{width})
    bits{width} = Reshape (masked{width}, minus_one)
    codes{width} = Cast <to: int = 1> (bits{width})
"""
_WHOLE_BYTES = "codes8 = Cast <to: int = 1> (plane8)"
_ADD = """
    worth{width} = Constant <value_float: float = {worth}.0> ()
    raised{width} = Mul (codes{width}, worth{width})
    sum{width} = Add ({below}, raised{width})
"""


def plane_widths(bits: int) -> list[int]:
    """The planes of a code, from its lowest bits upwards: 8, 4, 2 or 1 bits wide."""
    return [width for width in (8, 4, 2, 1) if bits & width]


def pack(codes: NDArray[np.int8], bits: int) -> list[NDArray[np.uint8]]:
    """Codes within ±(2 ** (bits - 1) - 1), a multiple of 8 of them, to the bytes of each plane.

    What is packed is the code plus 2 ** (bits - 1), the first one in a byte's lowest bits.
    """
    rest = codes.ravel().astype(np.int16) + 2 ** (bits - 1)
    planes = []
    for width in plane_widths(bits):
        shifts = np.arange(0, 8, width)
        parts = (rest % 2**width).reshape(-1, len(shifts))
        planes.append(np.bitwise_or.reduce(parts << shifts, axis=1).astype(np.uint8))
        rest >>= width
    return planes


def dequantizer(bits: int) -> onnx.FunctionProto:
    """`Dequantize<bits>`: planes uint8, scales float16 (out, blocks, 1) and a shape to float32."""
    widths = plane_widths(bits)
    parts = [_WHOLE_BYTES if width == 8 else _unpack(width) for width in widths]
    codes, worth = f"codes{widths[0]}", 2 ** widths[0]
    for width in widths[1:]:
        parts.append(_ADD.format(width=width, worth=worth, below=codes))
        codes, worth = f"sum{width}", worth * 2**width
    text = _FUNCTION.format(
        domain=DOMAIN,
        opset=OPSET,
        bits=bits,
        inputs=", ".join(f"plane{width}" for width in widths),
        planes="\n".join(parts),
        zero=2 ** (bits - 1),
        codes=codes,
    )
    function: onnx.FunctionProto = onnx.parser.parse_function(text)
    return function


def _unpack(width: int) -> str:
    shifts = range(0, 8, width)
    return _UNPACK.format(
        width=width,
        count=len(shifts),
        shifts=", ".join(map(str, shifts)),
        mask=2**width - 1,
    )
