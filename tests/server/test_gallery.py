"""Who shares a drawing, when it stops, and what is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from live import PATIENCE

from skyserver.errors import Busy
from skyserver.model import SkyModel
from skyserver.server import gallery
from skyserver.server.gallery import Gallery
from skyserver.server.jobs import JobQueue
from skyserver.thumbnails import Thumbnail


class HeldThumbnails:
    """Stands in for `draw_thumbnails`: waits until `gate` is open between its two looks around."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun: list[int] = []
        self.stopped: list[int] = []

    def __call__(
        self, _model: SkyModel, size: int, cancelled: Callable[[], None], _format: str
    ) -> tuple[Thumbnail, ...]:
        self.begun.append(size)
        try:
            cancelled()
            assert self.gate.wait(PATIENCE)
            cancelled()
        except BaseException:
            self.stopped.append(size)
            raise
        return (Thumbnail("Cu", "image/png", bytes(size)),)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldThumbnails:
    drawing = HeldThumbnails()
    monkeypatch.setattr(gallery, "draw_thumbnails", drawing)
    return drawing


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def test_calls_at_once_share_a_drawing_and_later_ones_need_none(
    model: SkyModel, held: HeldThumbnails
) -> None:
    async def main() -> None:
        jobs = JobQueue(1, 0)  # a second drawing would find no place
        shown = Gallery(jobs)
        calls = [asyncio.create_task(shown.thumbnails(model, 64)) for _ in range(5)]
        await until(lambda: held.begun)
        held.gate.set()
        first, *others = await asyncio.gather(*calls)
        assert all(other is first for other in others)
        assert await shown.thumbnails(model, 64) is first
        assert (await shown.thumbnails(model, 32))[0].image == bytes(32)
        await jobs.close()

    asyncio.run(main())
    assert held.begun == [64, 32]


def test_the_drawing_stops_when_all_have_left_and_begins_anew_for_the_next(
    model: SkyModel, held: HeldThumbnails
) -> None:
    async def main() -> None:
        jobs = JobQueue(1, 1)
        shown = Gallery(jobs)
        calls = [asyncio.create_task(shown.thumbnails(model, 64)) for _ in range(2)]
        await until(lambda: held.begun)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        again = asyncio.create_task(shown.thumbnails(model, 64))
        await asyncio.sleep(0)
        held.gate.set()
        assert (await again)[0].cloud == "Cu"
        await jobs.close()

    asyncio.run(main())
    assert (held.begun, held.stopped) == ([64, 64], [64])


def test_an_error_reaches_all_and_is_not_kept(model: SkyModel, held: HeldThumbnails) -> None:
    async def main() -> None:
        jobs = JobQueue(1, 0)
        shown = Gallery(jobs)
        first = asyncio.create_task(shown.thumbnails(model, 64))
        await until(lambda: held.begun)
        refused = await asyncio.gather(
            *(shown.thumbnails(model, 32) for _ in range(2)), return_exceptions=True
        )
        assert [type(error) for error in refused] == [Busy, Busy]
        held.gate.set()
        await first
        assert (await shown.thumbnails(model, 32))[0].image == bytes(32)
        await jobs.close()

    asyncio.run(main())
