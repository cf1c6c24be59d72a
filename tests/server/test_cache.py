"""What is made once, who shares it, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from skyserver.server.cache import Cache, Report

KIB = 1024


class Maker:
    """Makes values of a size; each waits until `gate` is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun: list[int] = []
        self.cancelled: list[int] = []

    def of(self, size: int) -> Callable[[Report], Awaitable[bytes]]:
        async def make(report: Report) -> bytes:
            self.begun.append(size)
            try:
                await report("model", 0.0)
                await self.gate.wait()
                await report("encode", 0.5)
            except asyncio.CancelledError:
                self.cancelled.append(size)
                raise
            return bytes(size)

        return make


class Caller:
    """One who asks, and the progress that he heard of."""

    def __init__(self, cache: Cache[bytes], key: object, make: Callable[..., Any]) -> None:
        self.heard: list[tuple[str, float]] = []
        self.call = asyncio.create_task(cache.get(key, make, self._report))

    async def _report(self, stage: str, done: float) -> None:
        self.heard.append((stage, done))


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(test: Callable[[Cache[bytes], Maker], Coroutine[Any, Any, None]], max_bytes: int) -> None:
    async def main() -> None:
        await test(Cache(max_bytes, len), Maker())

    asyncio.run(main())


def test_calls_at_once_share_the_work_and_its_progress() -> None:
    async def test(cache: Cache[bytes], maker: Maker) -> None:
        early = [Caller(cache, "sky", maker.of(7)) for _ in range(3)]
        await settle()
        late = Caller(cache, "sky", maker.of(7))
        await settle()
        assert late.heard == [("model", 0.0)]
        maker.gate.set()
        answers = [await caller.call for caller in [*early, late]]
        assert answers == [(bytes(7), how) for how in ("miss", "shared", "shared", "shared")]
        assert all(c.heard == [("model", 0.0), ("encode", 0.5)] for c in [*early, late])
        after = Caller(cache, "sky", maker.of(7))
        assert await after.call == (bytes(7), "hit")
        assert after.heard == []
        assert maker.begun == [7]

    run(test, 100 * KIB)


def test_one_who_asks_in_the_moment_of_its_end_is_answered() -> None:
    async def test(cache: Cache[bytes], maker: Maker) -> None:
        maker.gate.set()
        first = Caller(cache, "sky", maker.of(7))
        others = []
        while not first.call.done():
            others.append(Caller(cache, "sky", maker.of(7)))
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert {(await other.call)[0] for other in others} == {bytes(7)}
        assert maker.begun == [7]

    run(test, 100 * KIB)


def test_the_work_goes_on_for_those_who_stay_and_stops_with_the_last() -> None:
    async def test(cache: Cache[bytes], maker: Maker) -> None:
        leaves, stays = (Caller(cache, "sky", maker.of(7)) for _ in range(2))
        await settle()
        leaves.call.cancel()
        await settle()
        assert maker.cancelled == []
        stays.call.cancel()
        again = Caller(cache, "sky", maker.of(7))  # not of the work that stops just now
        await settle()
        assert maker.cancelled == [7]
        maker.gate.set()
        assert await again.call == (bytes(7), "miss")

    run(test, 100 * KIB)


def test_a_caller_who_cannot_be_told_harms_no_other() -> None:
    async def gone(_stage: str, _done: float) -> None:
        raise ConnectionResetError

    async def test(cache: Cache[bytes], maker: Maker) -> None:
        lost = asyncio.create_task(cache.get("sky", maker.of(7), gone))
        other = Caller(cache, "sky", maker.of(7))
        with pytest.raises(ConnectionResetError):
            await lost
        maker.gate.set()
        assert (await other.call)[0] == bytes(7)

    run(test, 0)


def test_an_error_reaches_all_and_is_not_kept() -> None:
    async def broken(_report: Report) -> bytes:
        raise ZeroDivisionError

    async def test(cache: Cache[bytes], maker: Maker) -> None:
        maker.gate.set()
        callers = [Caller(cache, "sky", broken) for _ in range(2)]
        errors = await asyncio.gather(*(c.call for c in callers), return_exceptions=True)
        assert [type(error) for error in errors] == [ZeroDivisionError] * 2
        assert await Caller(cache, "sky", maker.of(7)).call == (bytes(7), "miss")

    run(test, 100 * KIB)


def test_bytes_are_bounded_and_the_one_used_longest_ago_makes_room() -> None:
    async def test(cache: Cache[bytes], maker: Maker) -> None:
        maker.gate.set()

        async def outcome(key: int, size: int) -> str:
            return (await Caller(cache, key, maker.of(size)).call)[1]

        for key in (1, 2, 3):
            assert await outcome(key, 30 * KIB) == "miss"
        assert await outcome(1, 30 * KIB) == "hit"
        assert await outcome(4, 30 * KIB) == "miss"
        assert await outcome(2, 30 * KIB) == "miss"  # it made room for 4, and takes that of 3
        assert [await outcome(key, 30 * KIB) for key in (1, 4, 2)] == ["hit"] * 3
        assert await outcome(5, 100 * KIB) == "miss"
        assert await outcome(5, 100 * KIB) == "miss"  # too large to be kept at all
        assert [await outcome(key, 30 * KIB) for key in (1, 4, 2)] == ["hit"] * 3
        assert 90 * KIB < cache.held_bytes <= 100 * KIB
        for key in range(10, 200):  # empty ones count too
            await outcome(key, 0)
        assert await outcome(10, 0) == "miss"
        assert cache.held_bytes <= 100 * KIB

    run(test, 100 * KIB)
