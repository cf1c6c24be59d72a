from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from live import PATIENCE, HeldDrawing, has_ipv6, live_server, wait_until

from skyserver.client import SkyClient
from skyserver.errors import Cancelled, InvalidField, ServerUnavailable, SkyServerError
from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from skyserver.server.app import SERVICE
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2


def test_reflection_gives_the_whole_contract(channel: grpc.Channel) -> None:
    def ask(**question: str) -> reflection_pb2.ServerReflectionResponse:
        request = reflection_pb2.ServerReflectionRequest(**question)
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        return next(stub.ServerReflectionInfo(iter([request])))

    names = {service.name for service in ask(list_services="").list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names
    (raw,) = ask(file_containing_symbol=SERVICE).file_descriptor_response.file_descriptor_proto
    ours = FileDescriptorProto.FromString(skyserver_pb2.DESCRIPTOR.serialized_pb)
    assert FileDescriptorProto.FromString(raw) == ours


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_addresses_are_served(model: SkyModel, host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    with live_server([model], ServerConfig(host=host, port=0)) as address:
        port = address.rpartition(":")[2]
        with SkyClient(f"[::1]:{port}" if host == "::1" else address) as client:
            assert client.describe().models[0].name == "tiny"


def test_a_port_in_use_is_refused_in_one_line(model: SkyModel, address: str) -> None:
    port = int(address.rpartition(":")[2])
    with pytest.raises(ServerUnavailable) as caught:
        live_server([model], ServerConfig(port=port)).__enter__()
    assert str(caught.value).startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert "\n" not in str(caught.value)
    with SkyClient(address) as client:
        assert client.describe().models


def test_a_port_that_another_program_has_is_refused(model: SkyModel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerUnavailable, match=f"127.0.0.1:{port}"):
            live_server([model], ServerConfig(port=port)).__enter__()


def test_an_address_of_another_machine_is_refused(model: SkyModel) -> None:
    config = ServerConfig(host="192.0.2.1", port=0, insecure=True)  # RFC 5737: nobody's
    with pytest.raises(ServerUnavailable, match=r"cannot listen on 192\.0\.2\.1:0: "):
        live_server([model], config).__enter__()


def test_listening_to_other_machines_must_be_asked_for(model: SkyModel) -> None:
    with pytest.raises(InvalidField, match="--insecure"):
        live_server([model], ServerConfig(host="0.0.0.0", port=0)).__enter__()


def test_stopping_waits_for_calls_under_way_and_takes_no_new_ones(
    model: SkyModel, held: HeldDrawing
) -> None:
    server = live_server([model], ServerConfig(port=0))
    with SkyClient(server.__enter__()) as client, ThreadPoolExecutor(2) as pool:
        drawing = threading.Event()
        sky = pool.submit(
            client.generate, SkyRequest("Cu"), progress=lambda *_: drawing.set(), timeout=PATIENCE
        )
        assert drawing.wait(PATIENCE)
        stopping = pool.submit(server.__exit__, None, None, None)
        wait_until(lambda: _refuses(client))
        assert not stopping.done()
        assert not sky.done()
        held.gate.set()
        assert sky.result(PATIENCE).artifacts[0].data == b"sky"
        stopping.result(PATIENCE)


def test_a_call_that_outlasts_the_grace_period_is_cut_off(
    model: SkyModel, held: HeldDrawing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "skyserver.server")
    server = live_server([model], ServerConfig(port=0, grace=0.2))
    with SkyClient(server.__enter__()) as client, ThreadPoolExecutor(2) as pool:
        drawing = threading.Event()
        sky = pool.submit(
            client.generate, SkyRequest("Cu"), progress=lambda *_: drawing.set(), timeout=PATIENCE
        )
        assert drawing.wait(PATIENCE)
        stopping = pool.submit(server.__exit__, None, None, None)
        assert isinstance(sky.exception(PATIENCE), SkyServerError)
        wait_until(lambda: caplog.records[-1].facts.get("status") == "CANCELLED")
        held.gate.set()
        stopping.result(PATIENCE)
    assert held.begun == ["model"]


STUCK = """
import asyncio, sys, threading
from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server import app, log
from skyserver.server.config import ServerConfig
from skyserver.server.registry import Registry

def draw(model, request, progress, cancelled):
    progress("model", 0.0)
    threading.Event().wait()

pipeline.generate = draw
app.AFTER_GRACE = 0.3
log.log_to_stderr()
registry = Registry([SkyModel.load(sys.argv[1], threads=1)])
config = ServerConfig(port=0, http=False, grace=0.1)
asyncio.run(app.serve(registry, config, lambda ports: print(ports.grpc, flush=True)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_step_that_hangs_keeps_no_server_from_stopping(tiny_model: Path) -> None:
    command = [sys.executable, "-c", STUCK, str(tiny_model)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"127.0.0.1:{int(process.stdout.readline())}"
            with SkyClient(address) as client, pytest.raises(SkyServerError):
                client.generate(SkyRequest("Cu"), progress=lambda *_: process.terminate())
            assert process.wait(PATIENCE) == 1
            assert "a step under way does not end" in process.stderr.read()
        finally:
            process.kill()


def _refuses(client: SkyClient) -> bool:
    try:
        client.describe()
    except (ServerUnavailable, Cancelled):  # the latter: it came in the very moment
        return True
    return False
