"""Clients that hold a connection without using it, or say more than anybody has to say."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import grpc
import pytest
from live import PATIENCE, HeldDrawing, live_ports, live_server, status_of
from web_client import BINARY, SERVICE, call, frame, post

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server import http
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb

SILENCE = 0.5  # seconds that a connection may be of no use
SKY = bytes(16 * 2**20)  # more than the buffers of any socket hold
CUMULUS = pb.GenerateRequest(cloud="Cu").SerializeToString()


@pytest.fixture
def ports(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ports]:
    drawing = HeldDrawing(SKY)
    drawing.gate.set()
    monkeypatch.setattr(pipeline, "generate", drawing)
    monkeypatch.setattr(http, "KEEP_ALIVE", SILENCE)
    config = ServerConfig(port=0, http_port=0, max_seconds=PATIENCE, queue=0, cache_bytes=0)
    with live_ports([SkyModel.load(tiny_model, threads=1)], config) as ports:
        yield ports


def connect(port: int | None) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "host: localhost", *lines, ""]).encode()


def assert_serves(ports: Ports) -> None:
    assert call(ports.http, SERVICE + "Describe", b"").status == (0, "")
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        answer = channel.unary_stream(SERVICE + "Describe")(b"", timeout=PATIENCE)
        assert status_of(answer)[0] is grpc.StatusCode.OK


def received(client: socket.socket) -> int:
    """How many bytes come until the server ends the connection."""
    count = 0
    with suppress(ConnectionError):
        while data := client.recv(2**20):
            count += len(data)
    return count


@pytest.mark.parametrize("said", [b"", b"POST /skyserver", head(SERVICE + "Describe")])
def test_a_request_that_never_begins_is_not_waited_for(ports: Ports, said: bytes) -> None:
    """Slow clients over HTTP are let go, while they trickle too, and others are served."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(ports.http)) for _ in range(20)]
        for client in clients:
            client.sendall(said)
        assert_serves(ports)
        started = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - started < PATIENCE:
                clients[0].sendall(b"x")
                time.sleep(SILENCE / 5)
        assert time.monotonic() - started < PATIENCE
        assert [received(client) for client in clients[1:]] == [0] * 19


def test_a_sky_that_nobody_reads_is_dropped(ports: Ports) -> None:
    """Who asks for a sky over HTTP and reads nothing keeps neither a place nor the connection."""
    with connect(ports.http) as client:
        body = frame(CUMULUS)
        lines = [f"content-type: {BINARY}", f"content-length: {len(body)}", "\r\n"]
        client.sendall(head(SERVICE + "Generate", *lines).removesuffix(b"\r\n") + body)
        time.sleep(2 * SILENCE)
        answer = call(ports.http, SERVICE + "Generate", CUMULUS)  # there is one place
        assert answer.status == (0, "")
        assert sum(map(len, answer.messages)) > len(SKY)
        assert received(client) < len(SKY)


def test_calls_without_a_message_end_and_hold_up_nobody(
    tiny_model: Path,
) -> None:
    """Calls over gRPC whose message never comes are bound by the limits of a call, as all are."""
    never = threading.Event()

    def nothing() -> Iterator[bytes]:
        never.wait()
        yield from ()

    model = SkyModel.load(tiny_model, threads=1)
    config = ServerConfig(port=0, max_seconds=1, concurrency=2)
    with live_server([model], config) as address, grpc.insecure_channel(address) as channel:
        method = channel.stream_stream(SERVICE + "Generate")
        codes = Counter(status_of(one)[0] for one in [method(nothing()) for _ in range(20)])
        never.set()
        assert codes == {
            grpc.StatusCode.DEADLINE_EXCEEDED: 2,
            grpc.StatusCode.RESOURCE_EXHAUSTED: 18,
        }
        answer = channel.unary_stream(SERVICE + "Describe")(b"", timeout=PATIENCE)
        assert status_of(answer)[0] is grpc.StatusCode.OK


def test_a_flood_of_headers_is_cut_off(ports: Ports) -> None:
    """A request with megabytes of headers is refused before all of them are read."""
    with connect(ports.http) as client, suppress(ConnectionError):
        client.sendall(head(SERVICE + "Describe", *("x: y" * 1000 for _ in range(1000))))
        assert b" 400 " in client.recv(100)
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        flood = [(f"x-{index}", "y" * 1000) for index in range(1000)]
        answer = channel.unary_stream(SERVICE + "Describe")(b"", metadata=flood, timeout=PATIENCE)
        code, message = status_of(answer)
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "metadata" in message
    assert_serves(ports)


@pytest.mark.parametrize("name", ["x-request-id", "authorization"])
def test_control_characters_in_a_header_reach_nothing(ports: Ports, name: str) -> None:
    """What gRPC cannot carry of a gRPC-Web request is left out of it, and breaks no call."""
    sent = {"content-type": BINARY, name: "Bearer a\x01b"}
    answer = post(ports.http, SERVICE + "Describe", frame(b""), **sent)
    assert answer.status == (0, "")
