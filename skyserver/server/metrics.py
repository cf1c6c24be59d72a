"""Every metric of a server by its name, and the text that Prometheus reads (/metrics).

The others call these functions and know no metric. Whatever becomes a label here is a word of the
program or of its configuration, never of a request: a label with a caller's text in it would make a
new time series of every call.

Several processes of one server count together where the environment names a folder of theirs in
PROMETHEUS_MULTIPROC_DIR. prometheus_client reads that when it is imported, so it is set for a
process before it starts.
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from skyserver import __version__

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_CALL_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_STAGE_SECONDS: Final = (0.001, 0.0025, *_CALL_SECONDS)
_STATM: Final = Path("/proc/self/statm")  # Linux

disable_created_metrics()  # type: ignore[no-untyped-call]  # no second series beside each
_registry: Final = CollectorRegistry()

_counter = partial(Counter, registry=_registry)
_histogram = partial(Histogram, registry=_registry)
_gauge = partial(Gauge, registry=_registry)

_CALLS: Final = _counter("skyserver_calls", "Calls that ended.", ("method", "status", "caller"))
_CALL_TIME: Final = _histogram(
    "skyserver_call_seconds",
    "Seconds that calls took, waiting included, of those that ended well.",
    ("method",),
    buckets=_CALL_SECONDS,
)
_STAGE_TIME: Final = _histogram(
    "skyserver_stage_seconds",
    "Seconds that a request spent in a stage of its work; the first one is the queue.",
    ("stage",),
    buckets=_STAGE_SECONDS,
)
_SENT: Final = _counter("skyserver_sent_bytes", "Bytes of the images that were sent.")
_PLACES: Final = _gauge(
    "skyserver_queue_places",
    "Requests that have a place at once, working or waiting.",
    multiprocess_mode="livesum",
)
_WAITING: Final = _gauge(
    "skyserver_queue_waiting", "Requests that wait.", multiprocess_mode="livesum"
)
_RUNNING: Final = _gauge(
    "skyserver_queue_running", "Requests that are worked on.", multiprocess_mode="livesum"
)
_CACHE: Final = _counter(
    "skyserver_cache_requests",
    "Requests by what the cache did: hit, shared (somebody else's work under way), miss.",
    ("outcome",),
)
_CACHE_BYTES: Final = _gauge(
    "skyserver_cache_bytes", "Bytes that the cache holds.", multiprocess_mode="livesum"
)
_SENDING: Final = _gauge(
    "skyserver_sending_bytes",
    "Bytes of the answers that are being sent.",
    multiprocess_mode="livesum",
)
_MODEL: Final = _gauge(
    "skyserver_model_info",
    "1 while a model is served, 0 once it is not.",
    ("name", "digest", "backend"),
    multiprocess_mode="livemax",
)
_SERVER: Final = _gauge(
    "skyserver_server_info",
    "Always 1; the label says which version runs.",
    ("version",),
    multiprocess_mode="livemax",
)
_STARTED: Final = _gauge(
    "skyserver_start_time_seconds",
    "When the server started, in seconds since 1970.",
    multiprocess_mode="livemin",
)
_CPU: Final = _counter("skyserver_cpu_seconds", "Processor time that the server has used.")
_MEMORY: Final = _gauge(
    "skyserver_resident_memory_bytes",
    "Memory that the server holds now; NaN where the system does not tell.",
    multiprocess_mode="livesum",
)


class _Process:
    """Processor time and memory of this process, as they are when it is asked."""

    def __init__(self) -> None:
        self._counted = 0.0

    def sample(self) -> None:
        used = time.process_time()
        _CPU.inc(used - self._counted)
        self._counted = used
        _MEMORY.set(_resident_bytes())


_process: Final = _Process()


def server_started(places: int) -> None:
    """Say that a server begins, with `places` requests working or waiting at once."""
    _SERVER.labels(__version__).set(1)
    _STARTED.set(time.time())
    _PLACES.set(places)
    _process.sample()  # or the start would look like work, once another process is asked


def call_ended(method: str, status: str, seconds: float, caller: str) -> None:
    """Count a call: a method of the protocol, its status, the name of the caller's token."""
    _CALLS.labels(method, status, caller).inc()
    if status == "OK":
        _CALL_TIME.labels(method).observe(seconds)
    _process.sample()


def stage(name: str, seconds: float) -> None:
    """Count the time that a request spent in "queue" or in one of `pipeline.STAGES`."""
    _STAGE_TIME.labels(name).observe(seconds)


def sent(size: int) -> None:
    """Count the bytes of an image that was sent."""
    _SENT.inc(size)


def sending(held_bytes: int) -> None:
    """Say how many bytes of answers are being sent now."""
    _SENDING.set(held_bytes)


def queue(waiting: int, running: int) -> None:
    """Say how many requests wait and how many are worked on."""
    _WAITING.set(waiting)
    _RUNNING.set(running)


def cache(outcome: Literal["hit", "shared", "miss"], held_bytes: int) -> None:
    """Count what the cache did for a request, and say how much it holds."""
    _CACHE.labels(outcome).inc()
    _CACHE_BYTES.set(held_bytes)


def model(name: str, digest: str, backend: str, *, served: bool) -> None:
    """Say that a model is served from now on, or no longer."""
    _MODEL.labels(name, digest[:12], backend).set(served)


def process_ended(number: int) -> None:
    """Forget what the process with this id held, after it ended. For several processes only."""
    mark_process_dead(number)  # type: ignore[no-untyped-call]


def exposition() -> bytes:
    """Return all metrics as text, of all processes of the server. Its type is `CONTENT_TYPE`."""
    _process.sample()
    if _FOLDER not in os.environ:
        return generate_latest(_registry)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def _resident_bytes() -> float:
    if not _STATM.exists():
        return float("nan")
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
