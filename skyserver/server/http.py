"""The HTTP port: which requests are let in, and the server that listens for them.

Browsers are kept out unless their page's origin is named: cross-origin resource sharing (the Fetch
standard, section 3.2) is closed, and a request that carries a foreign origin is refused, which also
stops pages that have their own name resolve to this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
from collections.abc import Iterator, Sequence
from typing import Any, Final

import uvicorn

from skyserver.server.grpcweb import CONTENT_TYPES, Bridge, Headers, Receive, Send
from skyserver.server.log import logger

KEEP_ALIVE: Final = 120  # seconds; a client that reuses a connection about to close gets an error

_EXPOSED_HEADERS: Final = "grpc-status, grpc-message, grpc-status-details-bin, x-request-id"
_PREFLIGHT: Final = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "authorization, content-type, grpc-timeout, x-grpc-web,"
    " x-request-id, x-user-agent",
    "access-control-max-age": "3600",
}


class HttpApp:
    """The ASGI application: gRPC-Web at the `methods` (paths), nothing anywhere else.

    `origins` are those whose pages may call, "*" for all.
    """

    def __init__(self, bridge: Bridge, methods: frozenset[str], origins: Sequence[str]) -> None:
        self._bridge = bridge
        self._methods = methods
        self._origins = origins

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        origin = headers.get("origin")
        if origin is not None and not self._is_let_in(origin):
            await _plain(send, 403, "this server is closed to web pages of other origins")
            return
        shared = {} if origin is None else _shared(origin)
        path, method = scope["path"], scope["method"]
        content_type = headers.get("content-type", "")
        if path not in self._methods:
            await _plain(send, 404, "nothing here", shared)
        elif method == "OPTIONS" and origin is not None:
            await _plain(send, 204, "", shared | _PREFLIGHT)
        elif method != "POST":
            await _plain(send, 405, "POST alone", shared | {"allow": "POST"})
        elif content_type not in CONTENT_TYPES:
            await _plain(send, 415, "gRPC-Web alone: application/grpc-web+proto", shared)
        else:
            await self._call(path, headers, receive, send, shared)

    async def _call(
        self, path: str, headers: Headers, receive: Receive, send: Send, shared: Headers
    ) -> None:
        try:
            await self._bridge.answer(path, headers, receive, send, shared)
        except Exception:
            logger.exception("a defect", extra={"facts": {"path": path}})
            raise

    def _is_let_in(self, origin: str) -> bool:
        return "*" in self._origins or origin in self._origins


class HttpServer:
    """Runs an application on a bound socket until `close`."""

    def __init__(self, app: HttpApp, listener: socket.socket, grace: float) -> None:
        listener.listen()  # now: who comes before the task below runs waits, and is not refused
        self.port = int(listener.getsockname()[1])
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                http="h11",  # not whatever else is installed
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
        )
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


async def _plain(send: Send, status: int, text: str, extra: Headers | None = None) -> None:
    headers = {"content-type": "text/plain; charset=utf-8", **(extra or {})}
    encoded = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": text.encode()})
