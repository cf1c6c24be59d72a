"""Servers that do what a healthy SkyServer never does, for the client to survive."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from fault_answers import HEAD, reply
from google.protobuf.message import Message

Answer = Callable[[socket.socket, bytes], None]


def says(answer: bytes) -> Answer:
    """Sends this and closes."""
    return lambda connection, _request: connection.sendall(answer)


def pours(message: Message) -> Answer:
    """Sends this message again and again until the client leaves."""
    once = reply(message, head=b"", trailer=b"")
    many = once * (1 + 65536 // len(once))

    def pour(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(HEAD)
        while True:
            connection.sendall(many)

    return pour


def says_and_stays(answer: bytes) -> Answer:
    """Sends this and waits until the client leaves."""

    def stay(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer)
        with contextlib.suppress(OSError):
            while connection.recv(4096):
                pass

    return stay


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Answer every request so, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, answer))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, answer), daemon=True).start()


def _answer(connection: socket.socket, answer: Answer) -> None:
    with connection, contextlib.suppress(OSError):
        if request := read_request(connection):
            answer(connection, request)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # or what is on its way would be lost in a reset


def read_request(connection: socket.socket) -> bytes:
    """One HTTP request with a content-length, whole."""
    request = b""
    while b"\r\n\r\n" not in request:
        more = connection.recv(65536)
        if not more:
            return b""
        request += more
    head, _, body = request.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    length = int(lines[b"content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class CuttingProxy:
    """Passes requests on to `server`, and of its answer the first `limit` bytes (None: all).

    `passed` is what it let through the last time.
    """

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname, parts.port)
        self.limit: int | None = None
        self.passed = b""

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        """Answer one request."""
        self.passed = b""
        with socket.create_connection(self._server) as upstream:
            upstream.sendall(request)
            while more := upstream.recv(65536):
                left = None if self.limit is None else self.limit - len(self.passed)
                self.passed += more[:left]
                connection.sendall(more[:left])
                if len(self.passed) == self.limit:
                    return
