"""Answers on their way to those who asked: how much of them may lie in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from skyserver.server import metrics


class Outbox:
    """Counts the bytes of answers being sent; has room while there are fewer than `max_bytes`.

    gRPC takes the next piece of an answer once the client has read most of those before, so a large
    one lies here as long as its client likes, up to the time for a call. One answer that goes to
    many counts once. Belongs to one event loop.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = 0
        self._readers: Counter[Hashable] = Counter()
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def room(self) -> None:
        """Wait until there is room for an answer, which may be of any size."""
        while not self._has_room.is_set():
            await self._has_room.wait()

    @contextmanager
    def sending(self, answer: Hashable, size: int) -> Iterator[None]:
        """Count an answer of `size` bytes until the block ends."""
        self._readers[answer] += 1
        if self._readers[answer] == 1:
            self._count(size)
        try:
            yield
        finally:
            self._readers[answer] -= 1
            if not self._readers[answer]:
                del self._readers[answer]
                self._count(-size)

    def _count(self, size: int) -> None:
        self._held += size
        metrics.sending(self._held)
        if self._held < self._max_bytes:
            self._has_room.set()
        else:
            self._has_room.clear()
