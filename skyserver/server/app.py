"""Starts the servers, gRPC and HTTP, and stops them without cutting a call off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from skyserver.errors import CannotListen
from skyserver.hosts import is_loopback
from skyserver.server import metrics
from skyserver.server.admin import Admin, ChangeModels
from skyserver.server.config import ServerConfig
from skyserver.server.gallery import Gallery
from skyserver.server.gate import Gate
from skyserver.server.grpcweb import Bridge
from skyserver.server.guard import Guard
from skyserver.server.health import HealthServicer
from skyserver.server.http import HttpApp, HttpServer
from skyserver.server.jobs import JobQueue
from skyserver.server.listener import address_of, bind
from skyserver.server.log import logger
from skyserver.server.outbox import Outbox
from skyserver.server.probes import Probes
from skyserver.server.registry import Registry
from skyserver.server.servicer import Servicer
from skyserver.server.static import StaticSite
from skyserver.server.tls import Tls
from skyserver.server.tracing import Traces, exporting
from skyserver.site import site
from skyserver.v1 import admin_pb2, skyserver_pb2
from skyserver.v1.admin_pb2_grpc import add_AdminServicer_to_server
from skyserver.v1.skyserver_pb2_grpc import add_SkyServerServicer_to_server

ADMIN: Final = admin_pb2.DESCRIPTOR.services_by_name["Admin"].full_name
SERVICE: Final = skyserver_pb2.DESCRIPTOR.services_by_name["SkyServer"].full_name
AFTER_GRACE: Final = 10.0  # seconds for the step under way, and for closing
_SERVICES: Final = (
    skyserver_pb2.DESCRIPTOR.services_by_name["SkyServer"],
    health_pb2.DESCRIPTOR.services_by_name["Health"],
)
# What gRPC-Web can carry: not reflection, whose request is a stream.
METHODS: Final = frozenset(
    f"/{service.full_name}/{method.name}" for service in _SERVICES for method in service.methods
)


@dataclass(frozen=True)
class Ports:
    """Where a server listens: for gRPC, and for HTTP unless that is off."""

    grpc: int
    http: int | None


class _Entrance:
    """How callers get in: encrypted or not, with which tokens, and the bridge with its secret."""

    def __init__(self, config: ServerConfig) -> None:
        self.gate = Gate(config)
        self.secret = secrets.token_hex()
        self.tls: Tls | None = None
        if config.certificate is not None and config.key is not None:
            self.tls = Tls(config.certificate, config.key, config.client_ca)


@contextlib.asynccontextmanager
async def running(
    registry: Registry, config: ServerConfig, change: ChangeModels | None = None
) -> AsyncIterator[Ports]:
    """Serve inside the block and yield the ports. At its end calls under way get `config.grace`.

    `change` is how callers change the models; by default in this process alone.

    Raises:
        InvalidField: a file that the configuration names is not what it should be.
        CannotListen: a port is taken, or the address is not one of this machine.
        MissingExtra: traces are asked for, and OpenTelemetry is not installed.

    """
    async with (
        exporting(config.traces) as traces,
        _serving(registry, config, change or registry.apply, traces) as ports,
    ):
        yield ports


@contextlib.asynccontextmanager
async def _serving(
    registry: Registry, config: ServerConfig, change: ChangeModels, traces: Traces | None
) -> AsyncIterator[Ports]:
    entrance = _Entrance(config)
    outbox = Outbox(config.sending_bytes)
    jobs = JobQueue(config.workers, config.queue, outbox.room)
    gallery = Gallery(jobs)
    guard = Guard(
        entrance.gate, entrance.secret, entrance.tls is not None, config.max_seconds, traces
    )
    server = grpc.aio.server(
        interceptors=[guard],
        options=[
            ("grpc.max_receive_message_length", config.max_message_bytes),
            # off, or a second server would share the port unnoticed
            ("grpc.so_reuseport", int(config.shares_ports)),
        ],
    )
    add_SkyServerServicer_to_server(  # type: ignore[no-untyped-call]  # generated
        Servicer(registry, config, jobs, gallery, outbox), server
    )
    add_AdminServicer_to_server(  # type: ignore[no-untyped-call]
        Admin(registry, change), server
    )
    health_servicer = HealthServicer([SERVICE, ADMIN])
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection.enable_server_reflection(
        (SERVICE, ADMIN, health.SERVICE_NAME, reflection.SERVICE_NAME), server
    )
    port = _listen(server, config, entrance.tls)
    if entrance.tls is not None:
        logger.info("%s is valid until %s", config.certificate, entrance.tls.valid_until)
    if config.insecure and not is_loopback(config.host):
        logger.warning("insecure: who reaches %s may call or listen in on others", config.host)
    site_of = lru_cache(1)(partial(site, live=True))
    static = StaticSite(lambda: site_of(registry.models), gallery)
    async with _web(server, config, entrance, Probes(jobs, health_servicer), static) as web:
        await server.start()
        metrics.server_started(config.workers + config.queue)
        try:
            yield Ports(port, None if web is None else web.port)
        finally:
            health_servicer.stop()
            if web is not None:
                web.close()
            await server.stop(config.grace)
            await jobs.close()


async def serve(
    registry: Registry,
    config: ServerConfig,
    ready: Callable[[Ports], None],
    change: ChangeModels | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called with the ports once calls are answered.

    Then the process ends, if need be by itself: a step that hangs keeps no server from stopping.
    """
    with stop_signals() as stop:
        async with running(registry, config, change) as ports:
            ready(ports)
            await stop.wait()
            logger.info("stopping: calls under way may end")
            _end_within(config.grace + AFTER_GRACE)


def _end_within(seconds: float) -> None:
    """End this process then, unless it has ended: Python would wait for its threads for ever."""

    def end() -> None:
        logger.error("a step under way does not end: stopped without it")
        os._exit(1)

    last = threading.Timer(seconds, end)
    last.daemon = True
    last.start()


def _listen(server: grpc.aio.Server, config: ServerConfig, tls: Tls | None) -> int:
    # gRPC itself does not tell why it cannot
    bind(config.host, config.port, config.shares_ports).close()
    address = address_of(config.host, config.port)
    try:
        if tls is None:
            return int(server.add_insecure_port(address))
        return int(server.add_secure_port(address, tls.for_grpc()))
    except RuntimeError:
        raise CannotListen(f"cannot listen on {address}: gRPC cannot listen there") from None


@contextlib.asynccontextmanager
async def _web(
    server: grpc.aio.Server,
    config: ServerConfig,
    entrance: _Entrance,
    probes: Probes,
    static: StaticSite,
) -> AsyncIterator[HttpServer | None]:
    """Answer HTTP inside the block; gRPC-Web through a port of the server nobody is told of."""
    if not config.http:
        yield None
        return
    listener = bind(config.host, config.http_port, config.shares_ports)
    private = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    bridge = Bridge(
        private, entrance.secret, entrance.gate, config.max_message_bytes, config.max_seconds
    )
    app = HttpApp(bridge, METHODS, entrance.gate, probes, static, config.host, config.cors_origins)
    context = None if entrance.tls is None else entrance.tls.for_http()
    web = HttpServer(app, listener, context, config.grace)
    try:
        yield web
    finally:
        await web.closed()
        await bridge.close()


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
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
