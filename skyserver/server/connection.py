"""HTTP connections that do not wait for ever.

uvicorn closes a connection that is silent after an answer. A client that sends the lines of its
request a byte at a time (slowloris), or that does not read what it is sent, would keep its
connection, and what stands to be sent on it, as long as it likes.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Ends when no request has begun, or nothing could be sent, for `timeout_keep_alive` seconds.

    A request that has begun is the application's, which has limits of its own.
    """

    _unasked: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect_request()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, which may have arrived already."""
        self._expect_request()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting: the client has read."""
        super().resume_writing()
        _cancel(self._unread)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        _cancel(self._unasked)
        _cancel(self._unread)

    def _expect_request(self) -> None:
        before = self.cycle
        _cancel(self._unasked)

        def end_unless_asked() -> None:
            if self.cycle is before:
                self.transport.abort()

        self._unasked = self.loop.call_later(self.timeout_keep_alive, end_unless_asked)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
