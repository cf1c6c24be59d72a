"""gRPC-Web on the wire: frames, the trailer frame, time-outs and metadata as HTTP headers.

The formats are of "gRPC over HTTP2" (PROTOCOL-HTTP2.md) and "gRPC Web" (PROTOCOL-WEB.md), both in
the gRPC project's documentation.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from skyserver.errors import InvalidField

HEADER_BYTES: Final = 5  # a flag, then the length of what follows as a big-endian uint32

Metadata = Iterable[tuple[str, str | bytes]]

_MESSAGE, _TRAILERS = 0x00, 0x80  # flags; the lowest bit would say that the message is compressed
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS: Final = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_LONGEST: Final = 86400.0  # gRPC takes a time in centuries for one that is past
_PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def frame(data: bytes, flag: int = _MESSAGE) -> bytes:
    """Return a message as a frame."""
    return struct.pack(">BI", flag, len(data)) + data


def trailer_frame(code: int, message: str, trailing: Metadata) -> bytes:
    """Return the frame that ends an answer: the status and what goes with it."""
    status = (("grpc-status", str(code)), ("grpc-message", quote(message, safe=_PRINTABLE)))
    lines = [f"{key}:{value}\r\n" for key, value in (*status, *as_headers(trailing))]
    return frame("".join(lines).encode("latin-1"), _TRAILERS)


def message_of(body: bytes) -> bytes:
    """Return the one message that a request carries.

    Raises:
        InvalidField: the body is not one whole frame with a message that is not compressed.

    """
    if len(body) < HEADER_BYTES or struct.unpack_from(">BI", body) != (
        _MESSAGE,
        len(body) - HEADER_BYTES,
    ):
        raise InvalidField("request", body[:16], "one gRPC-Web frame, not compressed")
    return body[HEADER_BYTES:]


def seconds_of(timeout: str) -> float:
    """Return what a `grpc-timeout` header says, in seconds; more than a day is a day.

    Raises:
        InvalidField: it is not a time-out.

    """
    match = _TIMEOUT.fullmatch(timeout)
    if match is None:
        raise InvalidField("grpc-timeout", timeout, "up to 8 digits and one of H M S m u n")
    return min(int(match[1]) * _SECONDS[match[2]], _LONGEST)


def as_headers(metadata: Metadata) -> list[tuple[str, str]]:
    """Return metadata as it stands in headers, where bytes are base64."""
    return [
        (key, base64.b64encode(value).decode() if isinstance(value, bytes) else value)
        for key, value in metadata
    ]
