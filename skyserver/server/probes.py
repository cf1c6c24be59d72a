"""What those who watch a server ask over HTTP: does it live, is it ready, what has it counted.

A server is alive as long as it answers at all. It is ready while one more request would be taken:
who sends it work (a load balancer, Kubernetes) sends it elsewhere otherwise, and does not end it.
"""

from __future__ import annotations

from typing import Final

from skyserver.server import metrics
from skyserver.server.asgi import Send, begin, body, plain
from skyserver.server.health import HealthServicer
from skyserver.server.jobs import JobQueue

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
METRICS: Final = "/metrics"

_UNKEPT: Final = {"cache-control": "no-store"}


class Probes:
    """Answers GET and HEAD for the three paths."""

    def __init__(self, jobs: JobQueue, health: HealthServicer) -> None:
        self._jobs = jobs
        self._health = health

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Answer one request: 200, or for `READY` 503 and a line that says why."""
        if method not in ("GET", "HEAD"):
            await plain(send, 405, "GET and HEAD alone", {"allow": "GET, HEAD"})
        elif path == METRICS:
            await begin(send, 200, [("content-type", metrics.CONTENT_TYPE), *_UNKEPT.items()])
            await body(send, metrics.exposition())
        elif path == READY and (reason := self._not_ready()):
            await plain(send, 503, reason, _UNKEPT)
        else:
            await plain(send, 200, "ok", _UNKEPT)

    def _not_ready(self) -> str:
        if self._health.stopping:
            return "the server is stopping"
        if self._jobs.is_full:
            return "the queue is full"
        return ""
