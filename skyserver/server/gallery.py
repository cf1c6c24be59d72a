"""Thumbnails are drawn once and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeAlias

from skyserver.model import SkyModel
from skyserver.server.jobs import JobQueue
from skyserver.thumbnails import Thumbnail, draw_thumbnails

KEPT: Final = 8  # sets of them, about 1 MB each at the largest size

Set: TypeAlias = tuple[Thumbnail, ...]
Key: TypeAlias = tuple[str, int, str]  # digest of the model, size, format


@dataclass
class _Drawing:
    task: asyncio.Task[Set]
    callers: int = 0


class Gallery:
    """Draws thumbnails in the job queue. Callers who want the same ones at once share a drawing.

    Belongs to one event loop.
    """

    def __init__(self, jobs: JobQueue) -> None:
        self._jobs = jobs
        self._kept: OrderedDict[Key, Set] = OrderedDict()
        self._drawings: dict[Key, _Drawing] = {}

    async def thumbnails(self, model: SkyModel, size: int, format: str = "png") -> Set:
        """Return those of a model. The drawing stops when the last one who waits for it leaves.

        Raises:
            Busy: they are not kept, and the queue is full.

        """
        key = (model.info.digest, size, format)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._drawings:
            self._drawings[key] = _Drawing(asyncio.create_task(self._draw(key, model)))
        drawing = self._drawings[key]
        drawing.callers += 1
        try:
            return await asyncio.shield(drawing.task)
        finally:
            drawing.callers -= 1
            if not drawing.callers:
                drawing.task.cancel()
                self._drawings.pop(key, None)

    async def _draw(self, key: Key, model: SkyModel) -> Set:
        _, size, format = key

        async def report(_stage: str, _done: float) -> None:
            """Nobody is told: there is no event for it in the answer."""

        drawn = await self._jobs.run(
            lambda _progress, cancelled: draw_thumbnails(model, size, cancelled, format), report
        )
        self._kept[key] = drawn
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return drawn
