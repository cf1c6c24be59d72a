"""A gRPC-Web client for tests, in the standard library: what is on the wire is there to be seen."""

from __future__ import annotations

import base64
import http.client
import ssl
import struct
from dataclasses import dataclass
from urllib.parse import unquote

SERVICE = "/skyserver.v1.SkyServer/"
BINARY, TEXT = "application/grpc-web+proto", "application/grpc-web-text+proto"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its headers, and its body's frames where it has any."""

    http_status: int
    headers: dict[str, str]
    messages: list[bytes]
    trailers: dict[str, str]

    @property
    def status(self) -> tuple[int, str]:
        """The gRPC status code and message."""
        return int(self.trailers["grpc-status"]), unquote(self.trailers["grpc-message"])


def frame(message: bytes, flag: int = 0) -> bytes:
    return struct.pack(">BI", flag, len(message)) + message


def call(
    port: int,
    path: str,
    message: bytes,
    *,
    text: bool = False,
    tls: ssl.SSLContext | None = None,
    **headers: str,
) -> Answer:
    """Call a method and read the whole answer. `headers` are written with _ for -."""
    body = base64.b64encode(frame(message)) if text else frame(message)
    return post(port, path, body, tls=tls, content_type=TEXT if text else BINARY, **headers)


def post(
    port: int,
    path: str,
    body: bytes,
    verb: str = "POST",
    *,
    tls: ssl.SSLContext | None = None,
    **headers: str,
) -> Answer:
    connection = (
        http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        if tls is None
        else http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=tls)
    )
    try:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(verb, path, body, named)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    received = {key.lower(): value for key, value in response.getheaders()}
    if response.status != 200:
        return Answer(response.status, received, [], {})
    if "-text" in received["content-type"]:
        data = decoded(data)
    *messages, (flag, trailers) = frames(data)
    assert flag == 0x80, "the trailers come last"
    assert all(flag == 0 for flag, _ in messages)
    lines = trailers.decode().split("\r\n")
    assert lines.pop() == ""
    pairs = dict(line.split(":", 1) for line in lines)
    return Answer(response.status, received, [message for _, message in messages], pairs)


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Flags and contents of the frames that make up `data`, which must be whole."""
    found = []
    while data:
        flag, size = struct.unpack_from(">BI", data)
        assert len(data) >= 5 + size, "a frame is cut off"
        found.append((flag, data[5 : 5 + size]))
        data = data[5 + size :]
    return found


def decoded(text: bytes) -> bytes:
    """Base64 whose pieces may each have padding of their own."""
    assert len(text) % 4 == 0
    groups = (text[start : start + 4] for start in range(0, len(text), 4))
    return b"".join(base64.b64decode(group, validate=True) for group in groups)
