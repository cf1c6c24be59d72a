"""Thumbnails are drawn once and kept."""

from __future__ import annotations

from functools import partial
from typing import Final, TypeAlias

from skyserver.model import SkyModel
from skyserver.server.cache import Cache, Report
from skyserver.server.jobs import JobQueue
from skyserver.thumbnails import Thumbnail, draw_thumbnails

KEPT_BYTES: Final = 8 * 2**20  # a set of them takes about 1 MB at the largest size

Set: TypeAlias = tuple[Thumbnail, ...]


class Gallery:
    """Draws thumbnails in the job queue. Belongs to one event loop."""

    def __init__(self, jobs: JobQueue) -> None:
        self._jobs = jobs
        self._cache: Cache[Set] = Cache(KEPT_BYTES, lambda drawn: sum(len(t.image) for t in drawn))

    async def thumbnails(self, model: SkyModel, size: int, format: str = "png") -> Set:
        """Return those of a model.

        Raises:
            Busy: they are not kept, and the queue is full.

        """
        key = (model.info.digest, size, format)
        drawn, _ = await self._cache.get(
            key, partial(self._draw, model, size, format), _tell_nobody
        )
        return drawn

    async def _draw(self, model: SkyModel, size: int, format: str, report: Report) -> Set:
        return await self._jobs.run(
            lambda _progress, cancelled: draw_thumbnails(model, size, cancelled, format), report
        )


async def _tell_nobody(_stage: str, _done: float) -> None:
    """There is no event for progress in the answer."""
