"""Traces, as OpenTelemetry's own exporter in memory and a collector see them."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
import web_client
from live import PATIENCE, HeldDrawing, live_ports, live_server, status_of, wait_until
from typer.testing import CliRunner

from skyserver import __version__, cli, pipeline
from skyserver.model import SkyModel
from skyserver.server import tracing
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not there")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

SERVICE = "skyserver.v1.SkyServer/"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"  # of the W3C's own example
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
TOKEN = "a-token-of-the-tests"
CUMULUS = pb.GenerateRequest(cloud="Cu", seed=2**64 - 1, outputs=[pb.Output(size=512)] * 2)


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What servers with `traces` send to."""
    memory = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "_exporter", lambda: memory)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "5")  # milliseconds
    return memory


@pytest.fixture
def ports(model: SkyModel, exporter: InMemorySpanExporter) -> Iterator[Ports]:
    with live_ports([model], ServerConfig(port=0, http_port=0, traces=True, queue=1)) as ports:
        assert not exporter.get_finished_spans()
        yield ports


@pytest.fixture
def channel(ports: Ports) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield channel


def calls(exporter: InMemorySpanExporter, count: int) -> list[ReadableSpan]:
    """The spans of calls, once there are so many."""

    def found() -> list[ReadableSpan]:
        spans = exporter.get_finished_spans()
        return [span for span in spans if span.kind is SpanKind.SERVER]

    wait_until(lambda: len(found()) >= count)
    return found()


def below(exporter: InMemorySpanExporter, call: ReadableSpan) -> list[ReadableSpan]:
    """The children of a call, in the order in which they began."""
    children = [
        span
        for span in exporter.get_finished_spans()
        if span.parent is not None and span.parent.span_id == call.context.span_id
    ]
    return sorted(children, key=lambda span: span.start_time)


def native(ports: Ports) -> list[pb.SkyEvent]:
    metadata = [("traceparent", TRACEPARENT), ("x-request-id", "me")]
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        return list(SkyServerStub(channel).Generate(CUMULUS, metadata=metadata))


def web(ports: Ports) -> list[pb.SkyEvent]:
    answer = web_client.call(
        ports.http,
        web_client.SERVICE + "Generate",
        CUMULUS.SerializeToString(),
        traceparent=TRACEPARENT,
        x_request_id="me",
    )
    return [pb.SkyEvent.FromString(message) for message in answer.messages]


@pytest.mark.parametrize("ask", [native, web])
def test_a_call_is_a_span_with_its_stages_below_it(
    ports: Ports,
    exporter: InMemorySpanExporter,
    ask: Callable[[Ports], list[pb.SkyEvent]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "skyserver.server")
    facts = ask(ports)[-1].facts
    (call,) = calls(exporter, 1)
    assert call.name == SERVICE + "Generate"
    assert (f"{call.context.trace_id:032x}", f"{call.parent.span_id:016x}") == (TRACE, PARENT)
    assert call.status.status_code is StatusCode.UNSET
    assert call.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": SERVICE + "Generate",
        "rpc.response.status_code": "OK",
        "skyserver.request_id": "me",
        "skyserver.caller": "anonymous",
        "skyserver.cloud": "Cu",
        "skyserver.seed": str(2**64 - 1),
        "skyserver.cache": "miss",
    }
    wait_until(lambda: "call" in caplog.messages)
    (line,) = [one.facts for one in caplog.records if one.getMessage() == "call"]
    assert line["trace_id"] == TRACE
    spans = below(exporter, call)
    once, twice = ["queue", "model", "panorama"], ["upscale", "sphere", "encode"]
    assert [span.name for span in spans] == once + twice * 2
    moments = [moment for span in spans for moment in (span.start_time, span.end_time)]
    assert [call.start_time, *moments, call.end_time] == sorted(
        [call.start_time, *moments, call.end_time]
    )
    for stage in facts.stages:
        if stage.stage != "queue":
            found = [span for span in spans if span.name == stage.stage]
            seconds = sum(span.end_time - span.start_time for span in found) / 1e9
            assert stage.seconds - 0.001 <= seconds <= stage.seconds + 0.5


def test_who_finds_a_sky_kept_or_under_way_has_no_stages(
    channel: grpc.Channel, exporter: InMemorySpanExporter, held: HeldDrawing
) -> None:
    first, second = (SkyServerStub(channel).Generate(CUMULUS) for _ in range(2))
    wait_until(lambda: held.begun)
    assert next(second).progress.stage
    held.gate.set()
    assert {status_of(call)[0] for call in (first, second)} == {grpc.StatusCode.OK}
    assert status_of(SkyServerStub(channel).Generate(CUMULUS))[0] is grpc.StatusCode.OK
    spans = {span.attributes["skyserver.cache"]: span for span in calls(exporter, 3)}
    assert spans.keys() == {"miss", "shared", "hit"}
    assert [span.name for span in below(exporter, spans["miss"])] == ["queue", *pipeline.STAGES]
    assert below(exporter, spans["shared"]) == below(exporter, spans["hit"]) == []
    assert len({span.context.trace_id for span in spans.values()}) == 3


def test_a_caller_s_mistake_is_a_status_and_no_error(
    channel: grpc.Channel, exporter: InMemorySpanExporter
) -> None:
    """On a server's span, as OpenTelemetry's conventions for gRPC say."""
    status_of(SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Xx")))
    (call,) = calls(exporter, 1)
    assert call.name == SERVICE + "Generate"
    assert call.attributes["rpc.response.status_code"] == "NOT_FOUND"
    assert "'Xx' is unknown" in call.attributes["skyserver.error"]
    assert "error.type" not in call.attributes
    assert call.status.status_code is StatusCode.UNSET


def test_a_defect_is_an_error_of_the_call_and_of_its_stage(
    channel: grpc.Channel, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_model: object, _sky: object, progress: pipeline.Progress, _cancelled: object) -> None:
        progress("model", 0.0)
        raise ZeroDivisionError("secret path")

    monkeypatch.setattr(pipeline, "generate", fail)
    status_of(SkyServerStub(channel).Generate(CUMULUS))
    (call,) = calls(exporter, 1)
    assert call.status.status_code is StatusCode.ERROR
    assert call.attributes["error.type"] == call.attributes["rpc.response.status_code"]
    assert call.attributes["error.type"] == "INTERNAL"
    queue, drawing = below(exporter, call)
    assert (queue.name, drawing.name) == ("queue", "model")
    assert "error.type" not in queue.attributes
    assert drawing.attributes["error.type"] == "ZeroDivisionError"
    assert "secret path" not in call.to_json() + drawing.to_json()


def test_a_call_that_is_given_up_ends_its_spans(
    channel: grpc.Channel, exporter: InMemorySpanExporter, held: HeldDrawing
) -> None:
    drawing = SkyServerStub(channel).Generate(CUMULUS)
    wait_until(lambda: held.begun)
    waiting = SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Cu"))
    assert next(waiting).progress.stage == "queue"
    waiting.cancel()
    (first,) = calls(exporter, 1)
    drawing.cancel()
    _, second = calls(exporter, 2)
    for call, names in ((first, ["queue"]), (second, ["queue", "model"])):
        assert call.attributes["rpc.response.status_code"] == "CANCELLED"
        spans = below(exporter, call)
        assert [span.name for span in spans] == names
        assert spans[-1].attributes["error.type"] == "CancelledError"


@pytest.mark.parametrize(
    "bad", ["", "00-0-0-01", f"00-{'0' * 32}-{PARENT}-01", "x" * 1000, TRACEPARENT.upper()]
)
def test_what_is_no_traceparent_begins_a_trace(
    channel: grpc.Channel, exporter: InMemorySpanExporter, bad: str
) -> None:
    SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=[("traceparent", bad)])
    (call,) = calls(exporter, 1)
    assert call.parent is None
    assert call.context.trace_id


def test_a_trace_that_its_caller_does_not_keep_is_not_kept_here(
    channel: grpc.Channel, exporter: InMemorySpanExporter
) -> None:
    unkept = TRACEPARENT[:-2] + "00"
    SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=[("traceparent", unkept)])
    SkyServerStub(channel).Describe(pb.DescribeRequest())
    (call,) = calls(exporter, 1)
    assert f"{call.context.trace_id:032x}" != TRACE


def test_a_stranger_chooses_neither_trace_nor_name_and_no_token_is_in_a_span(
    model: SkyModel, exporter: InMemorySpanExporter
) -> None:
    config = ServerConfig(port=0, traces=True, token=TOKEN)
    parent = ("traceparent", TRACEPARENT)
    with (
        live_server([model], config) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = SkyServerStub(channel)
        for method in (SERVICE + "Describe", SERVICE + "my-own-word", "my.own/Word"):
            status_of(
                channel.unary_stream("/" + method)(
                    b"", metadata=[parent, ("authorization", f"Bearer {TOKEN}x")]
                )
            )
        known = [parent, ("authorization", f"Bearer {TOKEN}")]
        stub.Describe(pb.DescribeRequest(), metadata=known)
        status_of(stub.Generate(pb.GenerateRequest(cloud="my-own-word"), metadata=known))
        *strangers, described, drawn = calls(exporter, 5)
    assert [span.name for span in strangers] == [SERVICE + "Describe", "grpc", "grpc"]
    assert [span.attributes["rpc.method"] for span in strangers] == [
        SERVICE + "Describe",
        "_OTHER",
        "_OTHER",
    ]
    for span in strangers:
        assert span.attributes["rpc.response.status_code"] == "UNAUTHENTICATED"
        assert span.parent is None
        assert TRACE not in span.to_json()
        assert "my-own" not in span.to_json()
    assert [span.name for span in (described, drawn)] == [
        SERVICE + "Describe",
        SERVICE + "Generate",
    ]
    assert described.attributes["skyserver.caller"] == "token"
    everything = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert TOKEN not in everything


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
