"""Traces of calls, sent to an OpenTelemetry collector by those who ask for them (extra `otel`).

A call is a span; below it are the wait in the queue and each stage of the work, as they come. Names
and attributes follow OpenTelemetry's conventions (opentelemetry.io/docs/specs/semconv/rpc/grpc);
names are words of the program, never of a request. Where spans go, and how many of them, is said by
the variables of its specification: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER and the like.

Nothing of OpenTelemetry is imported before `exporting` is told to.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from skyserver import __version__
from skyserver.errors import InvalidField, MissingExtra
from skyserver.pipeline import Progress
from skyserver.server.log import logger

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

PARENT_KEYS: Final = ("traceparent", "tracestate")  # W3C Trace Context

_Begin: TypeAlias = "Callable[[str], Span]"

_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FLUSH_SECONDS: Final = 3.0  # for the last spans, of the ten in which a process that stops closes
_SILENCE: Final = 600.0  # seconds between two lines about the same trouble
# of a gRPC server; the others are the client's doing
_SERVER_ERRORS: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
_NO_ATTRIBUTES: Final = frozenset({"method", "status", "trace_id", "stage_ms"})  # of a call's line

# begins a span below that of the call at hand
_at_hand: Final[ContextVar[_Begin | None]] = ContextVar("trace", default=None)


@asynccontextmanager
async def exporting(wanted: bool) -> AsyncIterator[Traces | None]:
    """Yield what makes spans, where they are `wanted`; the last ones are sent after the block.

    Raises:
        MissingExtra: OpenTelemetry is not installed.
        InvalidField: a variable OTEL_* says what cannot be done.

    """
    if not wanted:
        yield None
        return
    traces = Traces(_exporter())
    try:
        yield traces
    finally:
        await traces.close()


class Traces:
    """Makes the spans of calls; a thread hands them to `exporter`. For one process.

    A collector that is slow, or not there, costs spans and never a call: 2048 of them wait
    (OTEL_BSP_MAX_QUEUE_SIZE), the rest is dropped, and the log says so now and then.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        try:
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
        except ValueError as error:
            raise InvalidField("OTEL_BSP_*", "this", str(error)) from None
        self._tracer = self._provider.get_tracer("skyserver", __version__)
        self._complaints = _Complaints()

    @contextmanager
    def call(
        self, method: str, metadata: Iterable[tuple[str, Any]], line: dict[str, Any]
    ) -> Iterator[None]:
        """Surround a call: `method` is its path, or a word where there is no such method.

        The span is a child of the one that `metadata` names. What the line of the log says when
        the block ends becomes attributes; the line gets the id of the trace.
        """
        from opentelemetry.trace import SpanKind, format_trace_id, set_span_in_context

        name = method.partition("/")[2]
        span = self._tracer.start_span(
            name or "grpc",
            _parent(metadata),
            SpanKind.SERVER,
            {"rpc.system.name": "grpc", "rpc.method": name or "_OTHER"},
        )
        line["trace_id"] = format_trace_id(span.get_span_context().trace_id)
        below = set_span_in_context(span)
        _at_hand.set(lambda stage: self._tracer.start_span(stage, below))
        try:
            yield
        finally:
            _finish(span, line)

    async def close(self) -> None:
        """Send what is left, for `_FLUSH_SECONDS` at most."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, _FLUSH_SECONDS)
        self._complaints.close()


@contextmanager
def stages() -> Iterator[Callable[[Progress], Progress]]:
    """Make spans of the stages of the work in this block, the first one is the queue.

    Yields what the work's `progress` is to be put into.
    """
    begin = _at_hand.get()
    if begin is None:
        yield lambda progress: progress
        return
    spans = _Stages(begin)
    try:
        yield spans.following
    except BaseException as error:
        spans.end(type(error).__name__)
        raise
    spans.end()


class _Stages:
    """One span after the other, begun in the thread of the work and ended in any."""

    def __init__(self, begin: _Begin) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._over = False
        self._stage = ""
        self._span: Span | None = None
        self._enter("queue")

    def following(self, progress: Progress) -> Progress:
        def tell(stage: str, done: float) -> None:
            if stage == self._stage:
                progress(stage, done)
            else:
                self._leave()
                progress(stage, done)  # may wait for a slot
                self._enter(stage)

        return tell

    def end(self, error: str = "") -> None:
        """End the last one; the work may go on for a step."""
        with self._lock:
            self._over = True
            if error and self._span is not None:
                self._span.set_attribute("error.type", error)
        self._leave()

    def _enter(self, stage: str) -> None:
        with self._lock:
            if not self._over:
                self._stage, self._span = stage, self._begin(stage)

    def _leave(self) -> None:
        with self._lock:
            if self._span is not None:
                self._span.end()
            self._span = None


class _Complaints(logging.Handler):
    """Puts what OpenTelemetry has to say into the log: each of its parts may once in a while."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next: dict[str, float] = {}
        self._source = logging.getLogger("opentelemetry")
        self._source.addHandler(self)
        self._source.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on, unless the same part has just said something."""
        now = time.monotonic()
        if now >= self._next.get(record.name, now):
            self._next[record.name] = now + _SILENCE
            facts = {"reason": record.getMessage()}
            logger.warning("traces may be lost", exc_info=record.exc_info, extra={"facts": facts})

    def close(self) -> None:
        """Listen no longer."""
        self._source.removeHandler(self)
        self._source.propagate = True
        super().close()


def _exporter() -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        message = "traces need OpenTelemetry: pip install skyserver[otel]"
        raise MissingExtra(message) from None
    for name in _PROTOCOLS:
        if (value := os.environ.get(name)) and value != "http/protobuf":
            raise InvalidField(name, value, "http/protobuf")
    for name in _ENDPOINTS:
        if (value := os.environ.get(name)) and not value.startswith(("http://", "https://")):
            raise InvalidField(name, value, "as in http://localhost:4318")
    return OTLPSpanExporter()


def _resource() -> Resource:
    """Say who sends, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES do."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    ours: dict[str, Any] = {
        "service.name": "skyserver",
        "service.version": __version__,
        "process.pid": os.getpid(),
    }
    return Resource.create({**ours, **OTELResourceDetector().detect().attributes})


def _parent(metadata: Iterable[tuple[str, Any]]) -> Context:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {key: value for key, value in metadata if key in PARENT_KEYS}
    return TraceContextTextMapPropagator().extract(carrier)


def _finish(span: Span, line: dict[str, Any]) -> None:
    from opentelemetry.trace import StatusCode

    status = line["status"]
    span.set_attribute("rpc.response.status_code", status)
    if status in _SERVER_ERRORS:
        span.set_attribute("error.type", status)
        span.set_status(StatusCode.ERROR, line.get("error"))
    for name in line.keys() - _NO_ATTRIBUTES:
        value = line[name]
        # a seed may be larger than any number in OpenTelemetry
        span.set_attribute(f"skyserver.{name}", value if isinstance(value, float) else str(value))
    span.end()
