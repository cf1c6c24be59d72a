"""gRPC-Web over HTTP/1.1, for clients without HTTP/2: browsers, and Unity's Mono.

The bridge passes bytes on to the gRPC server of the same process and its answer back as it comes;
so servicers, interceptors, deadlines and cancellation are the same for every client. It knows no
message: every method is unary-stream to it, which carries unary answers too.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from typing import Final

import grpc.aio

from skyserver.errors import DeadlineExceeded, InvalidField, SkyServerError, Unauthenticated
from skyserver.server import asgi, framing
from skyserver.server.asgi import Headers, Receive, Send
from skyserver.server.gate import Gate
from skyserver.server.guard import AUTHORIZATION_KEY, BRIDGE_KEY, REQUEST_ID_KEY
from skyserver.server.tracing import PARENT_KEYS
from skyserver.status import to_status

CONTENT_TYPES: Final = frozenset(
    f"application/grpc-web{text}{proto}" for text in ("", "-text") for proto in ("", "+proto")
)
# headers that the gRPC server reads
FORWARDED: Final = (AUTHORIZATION_KEY, REQUEST_ID_KEY, *PARENT_KEYS)
CHANNEL_OPTIONS: Final = (  # of a way to a server of the same process
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", -1),  # the server's own answers
    ("grpc.max_send_message_length", -1),  # its limit is the server's, which then says so
)


class _TooLargeError(Exception):
    """A request of more bytes than the server takes."""


class Bridge:
    """Answers gRPC-Web requests by asking the gRPC server at `address`, which knows it by `secret`.

    A request of more than `max_bytes`, or one that takes longer than `max_seconds` to arrive, is
    answered with a status and never reaches the server. Of one whose sender the `gate` does not
    know nothing is kept: the server gets an empty message to refuse.
    """

    def __init__(
        self, address: str, secret: str, gate: Gate, max_bytes: int, max_seconds: float
    ) -> None:
        self._channel = grpc.aio.insecure_channel(address, CHANNEL_OPTIONS)
        self._secret = secret
        self._gate = gate
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    async def close(self) -> None:
        """Close the connection to the server."""
        await self._channel.close()

    async def answer(
        self,
        path: str,
        headers: Headers,
        client: str,
        receive: Receive,
        send: Send,
        extra: Headers,
    ) -> None:
        """Carry a call of `client` to the method at `path`; `extra` headers go with its answer.

        When the client goes away the server's work is cancelled, and so it is when this task is.
        """
        reply = _Reply(send, headers["content-type"], extra)
        try:
            message = await self._message(headers, reply.is_text, receive)
            timeout = headers.get("grpc-timeout")
            seconds = None if timeout is None else framing.seconds_of(timeout)
        except SkyServerError as error:
            await reply.end(*to_status(error))
        except _TooLargeError:
            text = f"the request message is larger than {self._max_bytes} bytes"
            await reply.end(grpc.StatusCode.RESOURCE_EXHAUSTED, text, ())
        except ConnectionResetError:
            return
        else:
            known = ((key, headers.get(key, "")) for key in FORWARDED)
            metadata = [
                (key, value)
                for key, value in known
                if value and value.isascii() and value.isprintable()
            ]
            metadata.append((BRIDGE_KEY, f"{self._secret} {client}"))
            method = self._channel.unary_stream(path)
            await _carry(method(message, timeout=seconds, metadata=metadata), receive, reply)

    async def _message(self, headers: Headers, is_text: bool, receive: Receive) -> bytes:
        limit = self._max_bytes + framing.HEADER_BYTES
        try:
            async with asyncio.timeout(self._max_seconds):
                if not self._knows(headers):
                    with contextlib.suppress(_TooLargeError):
                        await _body(receive, 0)
                    return b""
                body = await _body(receive, limit * 4 // 3 + 4 if is_text else limit)
        except TimeoutError:
            raise DeadlineExceeded(f"no whole request in {self._max_seconds:g} seconds") from None
        if is_text:
            try:
                body = base64.b64decode(body, validate=True)
            except binascii.Error:
                raise InvalidField("request", body[:16], "base64") from None
        return framing.message_of(body)

    def _knows(self, headers: Headers) -> bool:
        try:
            self._gate.identify(headers.get(AUTHORIZATION_KEY))
        except Unauthenticated:
            return False
        return True


class _Reply:
    """An HTTP answer in the client's variant, binary or base64."""

    def __init__(self, send: Send, content_type: str, extra: Headers) -> None:
        self.is_text = "-text" in content_type
        self._send = send
        self._headers = {"content-type": content_type, "cache-control": "no-store", **extra}
        self._begun = False

    async def begin(self, metadata: framing.Metadata) -> None:
        headers = [*self._headers.items(), *framing.as_headers(metadata)]
        self._begun = True
        await asgi.begin(self._send, 200, headers)

    async def message(self, data: bytes) -> None:
        await self._body(framing.frame(data), more=True)

    async def end(self, code: grpc.StatusCode, text: str, trailing: framing.Metadata) -> None:
        if not self._begun:
            await self.begin(())
        await self._body(framing.trailer_frame(code.value[0], text, trailing), more=False)

    async def _body(self, frame: bytes, more: bool) -> None:
        await asgi.body(self._send, base64.b64encode(frame) if self.is_text else frame, more=more)


async def _carry(call: grpc.aio.UnaryStreamCall, receive: Receive, reply: _Reply) -> None:
    gone = asyncio.create_task(_disconnected(receive))
    gone.add_done_callback(lambda _: call.cancel())
    try:
        await reply.begin(await call.initial_metadata())
        with contextlib.suppress(grpc.aio.AioRpcError):  # `call.code` says it
            while (message := await call.read()) is not grpc.aio.EOF:
                await reply.message(message)
        code, details = await call.code(), await call.details()
        await reply.end(code, details or "", await call.trailing_metadata())
    except asyncio.CancelledError:
        if not gone.done():  # else the call was cancelled, not this task
            raise
    finally:
        gone.cancel()
        call.cancel()  # of use when this task is cancelled; of none after the status


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive, limit: int) -> bytes:
    """Read a request to its end, as a client hears no answer before, but keep no more than allowed.

    Raises:
        _TooLargeError: it has more than `limit` bytes.
        ConnectionResetError: the client left.

    """
    body = bytearray()
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionResetError
        if len(body) <= limit:
            body += event["body"]
        more = event["more_body"]
    if len(body) > limit:
        raise _TooLargeError
    return bytes(body)
