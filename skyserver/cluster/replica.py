"""A replica: a whole server inside a process of Ray's, asked over its own loopback port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from skyserver.model import SkyModel
from skyserver.server.app import running
from skyserver.server.config import ServerConfig
from skyserver.server.grpcweb import CHANNEL_OPTIONS, FORWARDED
from skyserver.server.log import log_to_stderr
from skyserver.server.registry import Registry

SKY: Final = "/skyserver.v1.SkyServer/"
HEALTH: Final = "/grpc.health.v1.Health/"
_PATIENCE: Final = 10.0  # seconds


class SkyReplica:
    """Answers Ray's calls, whose names and arguments Ray gives. Requests and answers are bytes.

    `threads` is how many processor cores one picture may use. Belongs to one event loop.
    """

    def __init__(self, config: ServerConfig, threads: int) -> None:
        self._config = config
        self._threads = threads
        self._stack = AsyncExitStack()
        self._channel: Any = None

    async def check_health(self) -> None:
        """Start the server, or raise unless it serves. Ray asks before the first call and often.

        Raises:
            InvalidField, ModelError: the server cannot start.
            grpc.aio.AioRpcError: it does not answer.

        """
        if self._channel is None:
            self._channel = await self._stack.enter_async_context(
                _server(self._config, self._threads)
            )
        await HealthStub(self._channel).Check(HealthCheckRequest(), timeout=_PATIENCE)

    async def close(self) -> None:
        """Stop the server once its calls have ended, or its grace is over."""
        await self._stack.aclose()

    async def Describe(self, request: bytes, grpc_context: Any) -> Answer:
        """`skyserver.v1.SkyServer.Describe`."""
        return await self._one(SKY + "Describe", request, grpc_context)

    async def Check(self, request: bytes, grpc_context: Any) -> Answer:
        """`grpc.health.v1.Health.Check`."""
        return await self._one(HEALTH + "Check", request, grpc_context)

    async def Generate(self, request: bytes, grpc_context: Any) -> AsyncIterator[Answer]:
        """`skyserver.v1.SkyServer.Generate`."""
        async for answer in self._answers(SKY + "Generate", request, grpc_context):
            yield answer

    async def Convert(self, request: bytes, grpc_context: Any) -> AsyncIterator[Answer]:
        """`skyserver.v1.SkyServer.Convert`."""
        async for answer in self._answers(SKY + "Convert", request, grpc_context):
            yield answer

    async def Thumbnails(self, request: bytes, grpc_context: Any) -> AsyncIterator[Answer]:
        """`skyserver.v1.SkyServer.Thumbnails`."""
        async for answer in self._answers(SKY + "Thumbnails", request, grpc_context):
            yield answer

    async def _one(self, path: str, request: bytes, context: Any) -> Answer:
        answers = [answer async for answer in self._answers(path, request, context)]
        return answers[-1]

    async def _answers(self, path: str, request: bytes, context: Any) -> AsyncIterator[Answer]:
        """Yield what the server answers. A status other than OK comes with one empty answer more.

        Ray tells the client of a context that comes with an answer; of an exception it would tell
        the status alone, and neither the details nor when to ask again.
        """
        metadata = [entry for entry in context.invocation_metadata() if entry[0] in FORWARDED]
        call = self._channel.unary_stream(path)(request, metadata=metadata)
        begun = await call.initial_metadata()  # has the request id; Ray has only trailing metadata
        context.set_trailing_metadata([*begun])
        try:
            while (message := await call.read()) is not grpc.aio.EOF:
                yield Answer(message)
        except grpc.aio.AioRpcError as error:
            context.set_code(error.code())
            context.set_details(error.details())
            context.set_trailing_metadata([*begun, *error.trailing_metadata()])
            yield Answer(b"")
        finally:
            call.cancel()  # of use when the client went away; of none after the status


class Answer:
    """A message as Ray wants it: something that it can serialize."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def SerializeToString(self) -> bytes:
        """Return the message, which is serialized already."""
        return self._data


@asynccontextmanager
async def _server(config: ServerConfig, threads: int) -> AsyncIterator[grpc.aio.Channel]:
    """Run the server inside the block and yield the way to it."""
    log_to_stderr()
    open_model = partial(SkyModel.load, threads=threads, backend=config.backend)
    files: tuple[Path | None, ...] = config.models or (None,)
    registry = Registry([open_model(file) for file in files], None, open_model)
    async with (
        running(registry, inside(config)) as ports,
        grpc.aio.insecure_channel(f"127.0.0.1:{ports.grpc}", CHANNEL_OPTIONS) as channel,
    ):
        yield channel


def inside(config: ServerConfig) -> ServerConfig:
    """Return the configuration of the server in a replica: as `config`, for its process alone."""
    private = {"host": "127.0.0.1", "port": 0, "http": False}
    open_wide = {"certificate": None, "key": None, "client_ca": None}
    return config.model_copy(update=private | open_wide)
