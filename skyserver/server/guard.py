"""The one place where a call gets its request id, its time limit, its status and its log line."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc.aio
from google.protobuf.message import DecodeError

from skyserver.errors import DeadlineExceeded, InvalidField, SkyServerError
from skyserver.server import metrics
from skyserver.server.log import logger, start_line
from skyserver.status import to_status

REQUEST_ID_KEY: Final = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OURS: Final = "/skyserver."


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Wraps every call of SkyServer's own services; health and reflection pass untouched.

    Requests are parsed here and not by gRPC, which would call unreadable bytes an internal error.
    """

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Return the method's handler, wrapped."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(_OURS):
            return handler
        wrap, behaviour = (
            (grpc.unary_stream_rpc_method_handler, handler.unary_stream)
            if handler.response_streaming
            else (grpc.unary_unary_rpc_method_handler, handler.unary_unary)
        )

        async def call(raw: bytes, context: grpc.aio.ServicerContext) -> Any:
            async def answer() -> Any:
                return await behaviour(_parsed(handler.request_deserializer, raw), context)

            return await self._call(method.rpartition("/")[2], answer, context)

        return wrap(call, None, handler.response_serializer)

    async def _call(
        self, method: str, answer: Callable[[], Awaitable[Any]], context: grpc.aio.ServicerContext
    ) -> Any:
        started = time.monotonic()
        request_id = _request_id(context)
        line = start_line(request_id=request_id, method=method, status="OK")
        try:
            await context.send_initial_metadata(((REQUEST_ID_KEY, request_id),))
            async with asyncio.timeout(self._max_seconds):
                return await answer()
        except SkyServerError as error:
            await _abort(error, line, context)
        except TimeoutError:
            limit = f"{self._max_seconds:g} seconds for a call are over"
            await _abort(DeadlineExceeded(limit), line, context)
        except (asyncio.CancelledError, grpc.aio.InternalError):  # the latter: a write to nobody
            line["status"] = "DEADLINE_EXCEEDED" if _late(context) else "CANCELLED"
            raise asyncio.CancelledError from None
        except Exception:
            logger.exception("a defect", extra={"facts": {"request_id": request_id}})
            await _abort(SkyServerError(f"internal error, request {request_id}"), line, context)
        finally:
            seconds = time.monotonic() - started
            line["ms"] = round(seconds * 1000, 1)
            metrics.call_ended(method, line["status"], seconds, "")
            logger.info("call", extra={"facts": line})


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


async def _abort(
    error: SkyServerError, line: dict[str, Any], context: grpc.aio.ServicerContext
) -> None:
    code, message, trailing = to_status(error)
    line.update(status=code.name, error=message)
    await context.abort(code, message, trailing)
