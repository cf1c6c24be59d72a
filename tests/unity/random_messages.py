"""Random protobuf messages of any type, with a liking for the values at which codecs break."""

from __future__ import annotations

import math
import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: (-(2**31), 2**31 - 1),  # also numbers that have no name
}
FLOATS = (0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan, -math.nan, 5e-324, 1.8e308)
# One, two, three and four bytes of UTF-8; the last two sort differently in UTF-8 and in UTF-16.
ALPHABETS = (
    "az 09\0\n\x7f",
    "äß\u0080\u07ff",
    "雲\u0800\ud7ff\ufeff",
    "\ue000\uffff",
    "🌤\U0010ffff",
)


def fill(message: Message, rng: random.Random, share: float = 0.5) -> Message:
    """Set this share of the fields of an empty message, some to their default; fewer further in."""
    for field in message.DESCRIPTOR.fields:
        if rng.random() < share:
            _set(message, field, rng, share / 2)
    return message


def _set(message: Message, field: FieldDescriptor, rng: random.Random, share: float) -> None:
    kind = field.message_type
    if kind and kind.GetOptions().map_entry:
        for key in _keys(rng):
            getattr(message, field.name)[key] = _value(kind.fields_by_name["value"], rng)
    elif kind and field.is_repeated:
        for _ in range(rng.choice((0, 1, 2))):
            fill(getattr(message, field.name).add(), rng, share)
    elif kind:
        getattr(message, field.name).SetInParent()
        fill(getattr(message, field.name), rng, share)
    elif field.is_repeated:
        getattr(message, field.name).extend(_value(field, rng) for _ in range(_count(rng)))
    else:
        setattr(message, field.name, _value(field, rng))


def _keys(rng: random.Random) -> list[str]:
    """Of a map. None begins another: upb, Python's codec, puts the longer of two such keys first,
    and every other implementation, C# here as well, the shorter one."""
    keys = {text(rng) for _ in range(_count(rng))}
    return [key for key in keys if not any(o != key and o.startswith(key) for o in keys)]


def _count(rng: random.Random) -> int:
    return rng.choice((0, 1, 2, 3, 20))


def _value(field: FieldDescriptor, rng: random.Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_BOOL:
            return rng.random() < 0.5
        case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
            return rng.choice(FLOATS) if rng.random() < 0.5 else rng.gauss(0, 1e3)
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
            return rng.randbytes(_length(rng))
        case FieldDescriptor.CPPTYPE_STRING:
            return text(rng)
        case number:
            return _integer(*NUMBERS[number], rng)


def _integer(low: int, high: int, rng: random.Random) -> int:
    """Of any number of bits: small ones are as likely as large ones."""
    if rng.random() < 0.25:
        return rng.choice((0, low, high))
    return max(low, min(high, rng.getrandbits(rng.randrange(1, 65)) * rng.choice((1, -1))))


def text(rng: random.Random) -> str:
    """A string of one or of several alphabets."""
    alphabet = rng.choice((*ALPHABETS, "".join(ALPHABETS)))
    return "".join(rng.choices(alphabet, k=_length(rng)))


def _length(rng: random.Random) -> int:
    return rng.choice((0, 1, 5, 20, 127, 128)) if rng.random() < 0.999 else 20_000
