"""The spans of calls, as OpenTelemetry's own exporter in memory sees them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import grpc
import pytest
import web_client
from live import HeldDrawing, live_ports, live_server, status_of, wait_until

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server import tracing
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not there")

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
