"""The one place where a call gets its caller, request id, time limit, status and log line."""

from __future__ import annotations

import asyncio
import hmac
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote

import grpc.aio
from google.protobuf.message import DecodeError

from skyserver.errors import DeadlineExceeded, InvalidField, SkyServerError, Unauthenticated
from skyserver.hosts import host_of
from skyserver.server import access, metrics
from skyserver.server.access import Caller
from skyserver.server.gate import Gate
from skyserver.server.log import logger, start_line
from skyserver.server.tracing import Traces
from skyserver.status import to_status

AUTHORIZATION_KEY: Final = "authorization"
BRIDGE_KEY: Final = "skyserver-bridge"  # a secret of this process and the client's address
REQUEST_ID_KEY: Final = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OURS: Final = "/skyserver."
_ADMIN: Final = "/skyserver.v1.Admin/"
_HEALTH: Final = "/grpc.health.v1.Health/"  # who watches a server has no token

_Answer = Callable[[], Awaitable[Any]]


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Wraps every call of SkyServer's own services; health passes untouched, reflection if known.

    Who is not let in by the `gate` is not told which methods there are, and the request is not
    read. Requests are read here, within the limits of a call, and not by gRPC, which would wait for
    one without end, and call unreadable bytes an internal error.

    The gRPC-Web bridge calls on a port without TLS, where its `secret` tells it from others;
    `is_encrypted` says that nobody else may come without TLS.
    """

    def __init__(
        self,
        gate: Gate,
        secret: str,
        is_encrypted: bool,
        max_seconds: float,
        traces: Traces | None = None,
    ) -> None:
        self._gate = gate
        self._secret = secret
        self._is_encrypted = is_encrypted
        self._max_seconds = max_seconds
        self._traces = traces

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Return the method's handler, wrapped, or one that refuses the call."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if method.startswith(_HEALTH):
            return handler
        try:
            sent = dict(handler_call_details.invocation_metadata).get(AUTHORIZATION_KEY)
            caller = self._gate.identify(sent)
        except Unauthenticated as error:
            return self._refusal("unknown" if handler is None else method, error)
        if handler is None or not method.startswith(_OURS):
            return handler
        wrap, behaviour = (
            (grpc.stream_stream_rpc_method_handler, handler.unary_stream)
            if handler.response_streaming
            else (grpc.stream_unary_rpc_method_handler, handler.unary_unary)
        )

        async def call(_requests: object, context: grpc.aio.ServicerContext) -> Any:
            async def answer() -> Any:
                address = self._address(context)
                caller.require(access.ADMIN if method.startswith(_ADMIN) else access.DRAW)
                with self._gate.admitted(caller, address):
                    access.at_hand.set(caller)
                    # no name here for what may be 64 MiB: the behaviour alone holds it
                    return await behaviour(
                        _parsed(handler.request_deserializer, await _read(context)), context
                    )

            return await self._call(method, caller, answer, context)

        return wrap(call, None, handler.response_serializer)

    def _refusal(self, method: str, error: Unauthenticated) -> grpc.RpcMethodHandler:
        async def refuse(_requests: object, context: grpc.aio.ServicerContext) -> None:
            async def answer() -> None:
                raise error

            await self._call(method, access.STRANGER, answer, context)

        # of this kind, as it may answer what it has not read
        return grpc.stream_stream_rpc_method_handler(refuse)

    def _address(self, context: grpc.aio.ServicerContext) -> str:
        """Return where the client is; of the bridge's clients the bridge says it."""
        sent = dict(context.invocation_metadata() or ()).get(BRIDGE_KEY, "")
        secret, _, address = sent.partition(" ")
        if hmac.compare_digest(secret.encode(), self._secret.encode()):
            return str(address)
        if self._is_encrypted and b"ssl" not in _security(context):
            raise Unauthenticated("this port is not for clients")
        return host_of(unquote(context.peer()).partition(":")[2])  # as in ipv6:%5B::1%5D:50051

    async def _call(
        self, method: str, caller: Caller, answer: _Answer, context: grpc.aio.ServicerContext
    ) -> Any:
        started = time.monotonic()
        line = start_line(
            request_id=_request_id(context), method=_name(method), caller=caller.name, status="OK"
        )
        try:
            if self._traces is None:
                return await self._answered(answer, line, context)
            # a stranger does not say which trace a span is of, nor that it is kept
            sent = () if caller is access.STRANGER else context.invocation_metadata() or ()
            with self._traces.call(method, sent, line):
                return await self._answered(answer, line, context)
        finally:
            seconds = time.monotonic() - started
            line["ms"] = round(seconds * 1000, 1)
            metrics.call_ended(line["method"], line["status"], seconds, caller.name)
            logger.info("call", extra={"facts": line})

    async def _answered(
        self, answer: _Answer, line: dict[str, Any], context: grpc.aio.ServicerContext
    ) -> Any:
        """Answer a call within its time; an error becomes its status, and that of its line."""
        request_id = line["request_id"]
        try:
            await context.send_initial_metadata(((REQUEST_ID_KEY, request_id),))
            async with asyncio.timeout(self._max_seconds):
                return await answer()
        except SkyServerError as error:
            _fail(error, line, context)
        except TimeoutError:
            limit = f"{self._max_seconds:g} seconds for a call are over"
            _fail(DeadlineExceeded(limit), line, context)
        except (asyncio.CancelledError, grpc.aio.InternalError):  # the latter: a write to nobody
            line["status"] = "DEADLINE_EXCEEDED" if _late(context) else "CANCELLED"
            raise asyncio.CancelledError from None
        except Exception:
            logger.exception("a defect", extra={"facts": {"request_id": request_id}})
            _fail(SkyServerError(f"internal error, request {request_id}"), line, context)


def _name(method: str) -> str:
    return method.rpartition("/")[2]


def _security(context: grpc.aio.ServicerContext) -> Iterable[bytes]:
    security: Iterable[bytes] = context.auth_context().get("transport_security_type", ())
    return security


async def _read(context: grpc.aio.ServicerContext) -> bytes:
    """Return the request; the iterator of requests would keep it as long as the call lasts."""
    raw = await context.read()
    return b"" if raw is grpc.aio.EOF else raw


def _parsed(parse: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return parse(raw)
    except DecodeError:
        raise InvalidField("request", raw[:16], "a message of the protocol") from None


def _request_id(context: grpc.aio.ServicerContext) -> str:
    """Return the caller's id where it is harmless, else a new one."""
    for key, value in context.invocation_metadata() or ():
        if key == REQUEST_ID_KEY and _REQUEST_ID.fullmatch(value):
            return str(value)
    return uuid.uuid4().hex


def _late(context: grpc.aio.ServicerContext) -> bool:
    remaining = context.time_remaining()
    return remaining is not None and remaining <= 0


def _fail(error: SkyServerError, line: dict[str, Any], context: grpc.aio.ServicerContext) -> None:
    """Let the call end with the status of an error.

    Not by `context.abort`, whose exception and context hold each other: all that the call had, its
    uploads too, would lie in memory until Python looks for such circles.
    """
    code, message, trailing = to_status(error, line["request_id"])
    line.update(status=code.name, error=message)
    context.set_code(code)
    context.set_details(message)
    context.set_trailing_metadata(trailing)
