"""The standard health service (grpc.health.v1).

Unlike the library's own it ends the calls that watch when the server stops: the server would wait
for them until its grace is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

_Answer = health_pb2.HealthCheckResponse


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Says that `services`, and the server as such, are served until `stop`."""

    def __init__(self, services: Iterable[str]) -> None:
        self._services = {"", *services}
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Say from now on that nothing is served."""
        self._stopping.set()

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """Say it once."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return self._answer(request.service)

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext
    ) -> None:
        """Say it now and once more if it changes."""
        first = self._answer(request.service)
        await context.write(first)
        await self._stopping.wait()
        if self._answer(request.service) != first:
            await context.write(self._answer(request.service))

    def _answer(self, service: str) -> health_pb2.HealthCheckResponse:
        if service not in self._services:
            return _Answer(status=_Answer.SERVICE_UNKNOWN)
        return _Answer(status=_Answer.NOT_SERVING if self.stopping else _Answer.SERVING)
