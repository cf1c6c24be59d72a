"""Bytes that are almost a protobuf message: what an attacker, or a broken proxy, would send."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

HUGE = b"\xff\xff\xff\xff\x0f"  # a length, or a number, of 2^32 - 1
ENDLESS = b"\xff" * 9 + b"\x01"  # of 2^64 - 1, which is -1 when signed


def varint(number: int) -> bytes:
    """As few bytes as a number needs."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def mutated(samples: Sequence[bytes], rng: random.Random) -> bytes:
    """A sample with one to four things wrong."""
    data = rng.choice(samples)[:2000]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(MUTATIONS)(data, samples, rng)
    return data


def _flip(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return (
        data[:at]
        + bytes(byte ^ 1 << rng.randrange(8) for byte in data[at : at + 1])
        + data[at + 1 :]
    )


def _replace(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at, size = rng.randrange(len(data) + 1), rng.randrange(4)
    return data[:at] + rng.randbytes(rng.randrange(4)) + data[at + size :]


def _cut(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _splice(data: bytes, samples: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(samples)[:2000]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _insert(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return (
        data[:at]
        + rng.choice((HUGE, ENDLESS, b"\x80" * 10, b"\x0b", b"\x0c", b"\xed\xa0\x80"))
        + data[at:]
    )


def _append_unknown(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """A whole field of a number that no message here has, of any type, a group as well."""
    number = rng.choice((100, 1000, 19_000, 2**29 - 1))
    kind = rng.randrange(6)
    value = (
        varint(rng.getrandbits(64)),
        rng.randbytes(8),
        b"\x03abc",
        b"\x08\x01" + varint(number << 3 | 4),
        b"",
        rng.randbytes(4),
    )[kind]
    return data + varint(number << 3 | kind) + value


MUTATIONS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    _flip,
    _replace,
    _cut,
    _splice,
    _insert,
    _append_unknown,
)
