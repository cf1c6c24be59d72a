"""What an ASGI application is called with, and the answers it sends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

Headers: TypeAlias = Mapping[str, str]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


async def begin(send: Send, status: int, headers: Iterable[tuple[str, str]]) -> None:
    """Send the status and the headers."""
    encoded = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def body(send: Send, data: bytes, *, more: bool = False) -> None:
    """Send a piece of the body, the last one unless there is `more`."""
    await send({"type": "http.response.body", "body": data, "more_body": more})


async def plain(send: Send, status: int, text: str, extra: Headers | None = None) -> None:
    """Answer with a line of text."""
    headers = {"content-type": "text/plain; charset=utf-8", **(extra or {})}
    await begin(send, status, headers.items())
    await body(send, text.encode())
