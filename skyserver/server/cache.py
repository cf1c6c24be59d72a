"""Answers are made once: those asked for at once share the work, and the latest are kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, Literal, TypeAlias, TypeVar

V = TypeVar("V")
Report: TypeAlias = Callable[[str, float], Awaitable[None]]
Outcome: TypeAlias = Literal["hit", "shared", "miss"]

_ENTRY_BYTES: Final = 1024  # that an entry takes beside its data: even empty ones are bounded


class Cache(Generic[V]):
    """Values by key, `max_bytes` of them by `size_of`; the one used longest ago makes room.

    Belongs to one event loop.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[V], int]) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._held = 0
        self._making: dict[Hashable, _Making[V]] = {}

    @property
    def held_bytes(self) -> int:
        """How much is kept now."""
        return self._held

    async def get(
        self, key: Hashable, make: Callable[[Report], Awaitable[V]], report: Report
    ) -> tuple[V, Outcome]:
        """Return the value of a key and how it came: kept, made by another call, or made for this.

        `make` is called with a function that passes progress on to the `report` of every caller who
        waits. Its work is cancelled when the last of them leaves, and an error of it reaches all.
        """
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key], "hit"
        outcome: Outcome = "shared" if key in self._making else "miss"
        if outcome == "miss":
            self._making[key] = _Making(make)
        making = self._making[key]
        try:
            value = await making.follow(report)
        finally:
            if not making.is_followed and self._making.get(key) is making:
                del self._making[key]
        self._keep(key, value)
        return value, outcome

    def _keep(self, key: Hashable, value: V) -> None:
        size = self._size(value)
        if key in self._kept or size > self._max_bytes:
            return
        self._kept[key] = value
        self._held += size
        while self._held > self._max_bytes:
            self._held -= self._size(self._kept.popitem(last=False)[1])

    def _size(self, value: V) -> int:
        return self._size_of(value) + _ENTRY_BYTES


class _Making(Generic[V]):
    """A value under way, and those who wait for it."""

    def __init__(self, make: Callable[[Report], Awaitable[V]]) -> None:
        self._latest: tuple[str, float] | None = None
        self._followers: set[asyncio.Queue[tuple[str, float] | None]] = set()
        self._task = asyncio.ensure_future(make(self._report))
        self._task.add_done_callback(self._done)

    @property
    def is_followed(self) -> bool:
        return bool(self._followers)

    async def follow(self, report: Report) -> V:
        events: asyncio.Queue[tuple[str, float] | None] = asyncio.Queue()
        if self._latest is not None:
            events.put_nowait(self._latest)
        if self._task.done():
            events.put_nowait(None)
        self._followers.add(events)
        try:
            while event := await events.get():
                await report(*event)
            return self._task.result()
        finally:
            self._followers.discard(events)
            if not self._followers:
                self._task.cancel()

    async def _report(self, stage: str, done: float) -> None:
        self._latest = (stage, done)
        for events in self._followers:
            events.put_nowait(self._latest)

    def _done(self, task: asyncio.Future[V]) -> None:
        for events in self._followers:
            events.put_nowait(None)
        if not task.cancelled():
            task.exception()  # seen, even where the last follower has just left
