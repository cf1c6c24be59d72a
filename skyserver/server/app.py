"""Starts the server, with health and reflection, and stops it without cutting a call off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from skyserver.errors import ServerUnavailable
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.server.guard import Guard
from skyserver.server.jobs import JobQueue
from skyserver.server.log import logger
from skyserver.server.servicer import Servicer
from skyserver.v1 import skyserver_pb2
from skyserver.v1.skyserver_pb2_grpc import add_SkyServerServicer_to_server

SERVICE: Final = skyserver_pb2.DESCRIPTOR.services_by_name["SkyServer"].full_name


@contextlib.asynccontextmanager
async def running(models: Sequence[SkyModel], config: ServerConfig) -> AsyncIterator[int]:
    """Serve inside the block and yield the port. At its end calls under way get `config.grace`.

    Raises:
        InvalidField: the configuration is not allowed.
        ServerUnavailable: the port is taken, or the address is not one of this machine.

    """
    config.check()
    jobs = JobQueue(config.workers, config.queue)
    server = grpc.aio.server(
        interceptors=[Guard(config.max_seconds)],
        options=[
            ("grpc.max_receive_message_length", config.max_message_bytes),
            ("grpc.so_reuseport", 0),  # or a second server would share the port unnoticed
        ],
    )
    add_SkyServerServicer_to_server(  # type: ignore[no-untyped-call]  # generated
        Servicer(models, config, jobs), server
    )
    servicing = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicing, server)
    reflection.enable_server_reflection(
        (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server
    )
    port = _listen(server, config)
    await server.start()
    await servicing.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    try:
        yield port
    finally:
        await servicing.enter_graceful_shutdown()
        await server.stop(config.grace)
        await jobs.close()


async def serve(
    models: Sequence[SkyModel], config: ServerConfig, ready: Callable[[int], None]
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called with the port once calls are answered."""
    with _stop_signals() as stop:
        async with running(models, config) as port:
            ready(port)
            await stop.wait()
            logger.info("stopping: calls under way may end")


def _listen(server: grpc.aio.Server, config: ServerConfig) -> int:
    host = f"[{config.host}]" if ":" in config.host else config.host
    address = f"{host}:{config.port}"
    try:
        _try_to_bind(config.host, config.port)
        return int(server.add_insecure_port(address))
    except OSError as error:
        reason = error.strerror
    except RuntimeError:
        reason = "gRPC cannot listen there"
    raise ServerUnavailable(f"cannot listen on {address}: {reason}")


def _try_to_bind(host: str, port: int) -> None:
    """Raise the `OSError` that says why nobody can listen there: gRPC itself does not tell."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # what gRPC does: connections of the past do not hold the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


@contextlib.contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """Yield an event that is set by whatever asks this process to stop.

    `loop.add_signal_handler` does not exist on Windows, where Ctrl+Break stands for SIGTERM.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        wanted.append(signal.SIGBREAK)
    before = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        for number in wanted
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
