"""Bytes that no client of ours would send: each gets its status, and the server stays well."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live import PATIENCE, live_server, status_of

from skyserver.client import SkyClient
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

CONFIG = ServerConfig(port=0, max_upload_bytes=2**20)
REFUSALS = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


@pytest.fixture(scope="module")
def address(tiny_model: Path) -> Iterator[str]:
    model = SkyModel.load(tiny_model, threads=1)
    with live_server([model], CONFIG) as address:
        yield address


@pytest.fixture(scope="module")
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address) as channel:
        yield channel


def send(channel: grpc.Channel, method: str, raw: bytes) -> tuple[grpc.StatusCode, str]:
    call = channel.unary_stream(f"/skyserver.v1.SkyServer/{method}")
    return status_of(call(raw, timeout=PATIENCE))


def assert_alive(address: str) -> None:
    with SkyClient(address) as client:
        assert client.describe().models


@given(raw=st.binary(max_size=200), method=st.sampled_from(["Generate", "Convert"]))
def test_arbitrary_bytes_are_refused(channel: grpc.Channel, raw: bytes, method: str) -> None:
    code, message = send(channel, method, raw)
    assert code in REFUSALS, message


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b"\x0a\xff\xff\xff\xff\x0f",  # a string of 4 GiB that is not there
        b"\x0a\x02\xff\xfe",  # a string that is not UTF-8
        b"\x42" * 100,
        b"\x0b" * 10_000,  # groups in groups
    ],
)
def test_malformed_messages_are_named(address: str, channel: grpc.Channel, raw: bytes) -> None:
    code, message = send(channel, "Generate", raw)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith("request: ")
    assert_alive(address)


@pytest.mark.parametrize(
    ("method", "field", "raw"),
    [
        ("Generate", "outputs", b"\x42\x00"),
        ("Convert", "outputs", b"\x32\x00"),
        ("Convert", "images", b"\x0a\x00"),
    ],
)
def test_a_million_of_what_may_be_few_is_refused_at_once(
    address: str, channel: grpc.Channel, method: str, field: str, raw: bytes
) -> None:
    many = raw * 2**19
    started = time.monotonic()
    code, message = send(channel, method, many)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(f"{field}: {2**19} is not allowed")
    assert time.monotonic() - started < 2  # five seconds, were each made an object
    assert_alive(address)


def test_an_oversized_message_is_refused_before_it_is_read(
    address: str, channel: grpc.Channel
) -> None:
    code, message = send(channel, "Convert", bytes(CONFIG.max_message_bytes + 1))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in message
    assert_alive(address)


def test_a_message_that_only_decompresses_to_too_much_is_refused(address: str) -> None:
    gzip = grpc.Compression.Gzip
    with grpc.insecure_channel(address, compression=gzip) as channel:
        code, _ = send(channel, "Convert", bytes(20 * CONFIG.max_message_bytes))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert_alive(address)


def test_an_unknown_method_is_unimplemented(address: str, channel: grpc.Channel) -> None:
    assert send(channel, "Paint", b"")[0] is grpc.StatusCode.UNIMPLEMENTED
    assert_alive(address)


@pytest.mark.parametrize(
    "greeting", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\0" * 1000, b"PRI * HTTP/2.0\r\n"]
)
def test_other_protocols_do_no_harm(address: str, greeting: bytes) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(greeting)
        connection.settimeout(0.5)
        with suppress(OSError):
            connection.recv(1000)
    assert_alive(address)
