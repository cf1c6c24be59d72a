"""Where traces go: to a collector, to one in trouble, nowhere; and what is refused."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from live import PATIENCE, live_server, wait_until
from typer.testing import CliRunner

from skyserver import __version__, cli
from skyserver.model import SkyModel
from skyserver.server import tracing
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not there")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SERVICE = "skyserver.v1.SkyServer/"


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """The address of an OTLP receiver, and what it has received."""
    received: list[ExportTraceServiceRequest] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            assert self.headers["content-type"] == "application/x-protobuf"
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def values(attributes: Sequence[Any]) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares ports")
def test_a_collector_gets_every_span_of_every_process_before_they_end(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "skyserver", "serve", "--processes", "2", "--port", "0"]
    command += ["--no-http", "--traces", "--model", str(tiny_model)]
    wanted = {f"call-{number}" for number in range(16)}  # that one process gets all: 1 to 32768
    with collector() as (endpoint, received):
        # a minute until spans would go by themselves
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "60000"}
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        ) as process:
            said = process.stdout.readline()
            address = re.search(r"answers at (\S+) with tiny", said)[1]
            for request_id in wanted:
                options = [("grpc.use_local_subchannel_pool", 1)]  # a connection of its own
                with grpc.insecure_channel(address, options) as channel:
                    metadata = [("x-request-id", request_id)]
                    SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=metadata)
            assert not received
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
            lines = [json.loads(line) for line in process.stderr]
    batches = [one for request in received for one in request.resource_spans]
    resources = [values(one.resource.attributes) for one in batches]
    assert len({one["process.pid"] for one in resources}) == 2
    for one in resources:
        assert (one["service.name"], one["service.version"]) == ("skyserver", __version__)
    spans = [span for one in batches for scope in one.scope_spans for span in scope.spans]
    assert {span.name for span in spans} == {SERVICE + "Describe"}
    sent = {values(span.attributes)["skyserver.request_id"]: span.trace_id.hex() for span in spans}
    logged = {line["request_id"]: line["trace_id"] for line in lines if "request_id" in line}
    assert len(spans) == len(sent) == len(wanted)
    assert sent == logged
    assert sent.keys() == wanted


@pytest.mark.parametrize("trouble", ["nobody listens", "it never answers"])
def test_a_collector_in_trouble_costs_no_call_and_one_line(
    model: SkyModel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    trouble: str,
) -> None:
    monkeypatch.setattr(tracing, "_FLUSH_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if trouble == "it never answers":
            taken.listen()
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
        monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4")
        monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
        config = ServerConfig(port=0, traces=True, grace=5)
        with live_server([model], config) as address:
            with grpc.insecure_channel(address) as channel:
                for _ in range(50):
                    SkyServerStub(channel).Describe(pb.DescribeRequest(), timeout=PATIENCE)
                wait_until(lambda: "traces may be lost" in caplog.messages)
                for _ in range(50):
                    SkyServerStub(channel).Describe(pb.DescribeRequest(), timeout=PATIENCE)
            stopping = time.monotonic()
        assert time.monotonic() - stopping < 3
    lost = [one for one in caplog.records if one.getMessage() == "traces may be lost"]
    assert 1 <= len(lost) <= 2  # the sender's, and that of those who wait to be sent
    assert all(one.facts["reason"] for one in lost)
    assert capfd.readouterr().err == ""


def serve(model: Path) -> Any:
    arguments = ["serve", "--traces", "--port", "0", "--no-http", "--model", str(model)]
    return CliRunner().invoke(cli.app, arguments)


def test_without_the_extra_it_says_what_to_install(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, module, None)
    refused = serve(tiny_model)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "error: traces need OpenTelemetry: pip install skyserver[otel]\n"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "as in http://localhost:4318"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "max_queue_size must be"),
    ],
)
def test_a_variable_that_cannot_be_done_is_one_line(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = serve(tiny_model)
    assert (refused.exit_code, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"error: {name[:9]}")
    assert allowed in line


def test_where_nobody_asks_for_traces_nothing_is_imported(tiny_model: Path) -> None:
    script = (
        "import sys; from live import live_server; from skyserver.model import SkyModel;"
        "from skyserver.client import SkyClient; from skyserver.request import SkyRequest;"
        "from skyserver.server.config import ServerConfig\n"
        f"model = SkyModel.load({str(tiny_model)!r}, threads=1)\n"
        "with live_server([model], ServerConfig(port=0)) as address:\n"
        "    with SkyClient(address) as client:\n"
        "        client.generate(SkyRequest('Cu'))\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'opentelemetry'])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([".", str(Path(__file__).parents[1])])},
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout == "[]\n"
