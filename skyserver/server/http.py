"""The HTTP port: which requests are let in, and the server that listens for them.

Web pages other than the server's own are kept out unless their origin is named: cross-origin
resource sharing (the Fetch standard, section 3.2) is closed, and a request that carries a foreign
origin is refused. A page that has its own name resolve to this machine is of a foreign origin, even
where the browser takes that name for the server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
import ssl
from collections.abc import Iterator, Sequence
from typing import Any, Final

import uvicorn

from skyserver.errors import Unauthenticated
from skyserver.hosts import names_this_server
from skyserver.server.asgi import Headers, Receive, Send, plain
from skyserver.server.connection import Connection
from skyserver.server.gate import Gate
from skyserver.server.grpcweb import CONTENT_TYPES, Bridge
from skyserver.server.log import logger
from skyserver.server.probes import ALIVE, METRICS, READY, Probes
from skyserver.server.static import StaticSite

KEEP_ALIVE: Final = 120  # seconds; a client that reuses a connection about to close gets an error

_CLOSED: Final = "this server is closed to web pages of other origins; --cors-origin lets one in"
_EXPOSED_HEADERS: Final = "grpc-status, grpc-message, grpc-status-details-bin, x-request-id"
_PREFLIGHT: Final = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "authorization, content-type, grpc-timeout, traceparent,"
    " tracestate, x-grpc-web, x-request-id, x-user-agent",
    "access-control-max-age": "3600",
}


class HttpApp:
    """The ASGI application: gRPC-Web at the `methods` (paths), the probes, the site at all others.

    `host` is where the server listens; `origins` are those whose pages may call, "*" for all. The
    bridge and the metrics are for those whom the `gate` knows, the rest is for everybody.
    """

    def __init__(
        self,
        bridge: Bridge,
        methods: frozenset[str],
        gate: Gate,
        probes: Probes,
        site: StaticSite,
        host: str,
        origins: Sequence[str],
    ) -> None:
        self._bridge = bridge
        self._methods = methods
        self._gate = gate
        self._probes = probes
        self._site = site
        self._host = host
        self._origins = origins

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        path, method = scope["path"], scope["method"]
        try:
            if path in (ALIVE, READY):  # by whatever name: they say nothing but this
                await self._probes.answer(path, method, send)
            elif not self._is_let_in(path, headers, scope["scheme"]):
                await plain(send, 403, _CLOSED)
            elif path in self._methods:
                await self._call(scope, headers, receive, send)
            elif path == METRICS:
                await self._metrics(method, headers, send)
            else:
                await self._site.answer(path, method, headers, send)
        except Exception:
            logger.exception("a defect", extra={"facts": {"path": path}})
            raise

    async def _metrics(self, method: str, headers: Headers, send: Send) -> None:
        try:
            self._gate.identify(headers.get("authorization"))
        except Unauthenticated as error:
            await plain(send, 401, str(error), {"www-authenticate": "Bearer"})
        else:
            await self._probes.answer(METRICS, method, send)

    async def _call(
        self, scope: dict[str, Any], headers: Headers, receive: Receive, send: Send
    ) -> None:
        path, method, origin = scope["path"], scope["method"], headers.get("origin")
        shared = {} if origin is None else _shared(origin)
        if method == "OPTIONS" and origin is not None:
            await plain(send, 204, "", shared | _PREFLIGHT)
        elif method != "POST":
            await plain(send, 405, "POST alone", shared | {"allow": "POST"})
        elif headers.get("content-type", "") not in CONTENT_TYPES:
            await plain(send, 415, "gRPC-Web alone: application/grpc-web+proto", shared)
        else:
            client = scope["client"][0]
            await self._bridge.answer(path, headers, client, receive, send, shared)

    def _is_let_in(self, path: str, headers: Headers, scheme: str) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        # with TLS a browser has seen a certificate for the name, which no stranger has
        is_ours = scheme == "https" or names_this_server(host, self._host)
        own = {f"{scheme}://{host}"} if is_ours else set()
        allowed = own.union(self._origins)
        if "*" in allowed or origin in allowed:
            return True
        # Browsers name no origin when a page asks its own server for a file, other clients never
        return origin is None and (
            path in self._methods or not allowed.isdisjoint((f"http://{host}", f"https://{host}"))
        )


class HttpServer:
    """Runs an application on a bound socket, with TLS where there is a context, until `close`."""

    def __init__(
        self, app: HttpApp, listener: socket.socket, tls: ssl.SSLContext | None, grace: float
    ) -> None:
        listener.listen()  # now: who comes before the task below runs waits, and is not refused
        self.port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,  # the rest is about strangers' bad requests, not JSON
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=math.ceil(grace) + 1,  # gRPC ends calls in better words
        )
        config.load()
        config.ssl = tls  # which it could make of files alone, once
        self._server = _Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve([listener]))

    def close(self) -> None:
        """Take no more requests."""
        self._server.should_exit = True

    async def closed(self) -> None:
        """Close, and return once the requests under way are answered."""
        self.close()
        await self._task


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to app.py."""
        yield


def _shared(origin: str) -> dict[str, str]:
    """Headers that let a page of `origin` read the answer."""
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": _EXPOSED_HEADERS,
        "vary": "origin",
    }
