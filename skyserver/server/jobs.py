"""Work off the event loop: a bounded line in front of a few threads."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from skyserver import pipeline
from skyserver.errors import Busy, Cancelled
from skyserver.server import metrics
from skyserver.server.cache import Report

T = TypeVar("T")
Work = Callable[[pipeline.Progress, pipeline.Cancelled], T]

_DRAWING: Final = "model"  # a stage of `pipeline.STAGES`
_GLANCE: Final = 0.1  # seconds after which one who waits for a slot looks for cancellation
_HASTE: Final = 0.8  # of the time in which a place becomes free
_SHORTEST_RETRY: Final = 0.1  # seconds
_LONGEST_RETRY: Final = 60.0


async def _at_once() -> None:
    """There is always room."""


class JobQueue:
    """`workers` jobs draw at once, `workers` others are finished meanwhile, the rest wait.

    There are `workers` + `waiting` places; the next job is refused. A job begins in a slot for
    drawing and moves to one for finishing with the first stage that is not "model": so an encoder
    never keeps the model waiting as long as a slot for finishing is free. First come, first served.
    A job whose caller goes away leaves the line at once; one that runs stops at its next step and
    keeps its place until then. No job begins before `room` returns. Belongs to one event loop.
    """

    def __init__(
        self, workers: int, waiting: int, room: Callable[[], Awaitable[None]] = _at_once
    ) -> None:
        self._places = workers + waiting
        self._room = room
        self._taken = 0
        self._running = 0
        self._drawing = asyncio.Semaphore(workers)
        self._finishing = threading.Semaphore(workers)
        self._pool = ThreadPoolExecutor(2 * workers, thread_name_prefix="sky")
        self._pace = 1.0  # seconds from one end of a job to the next, a running mean
        self._ended = 0.0  # when the last job did
        self._promised = 0.0  # when the last one who was refused may come back

    @property
    def is_full(self) -> bool:
        """Whether one more job would be refused."""
        return self._taken == self._places

    async def run(self, work: Work[T], report: Report) -> T:
        """Run `work` in a thread and return what it returns.

        `report` is awaited, here on the event loop and in order, with the stage "queue" and then
        whatever `work` gives to its `progress`.

        Raises:
            Busy: every place is taken.

        """
        if self.is_full:
            raise Busy(f"the queue is full ({self._places} requests)", self._retry_after())
        self._count(taken=1)
        try:
            await report("queue", 0.0)
            await self._slot()
        except BaseException:
            self._count(taken=-1)
            raise
        self._count(running=1)
        return await self._run(work, report)

    async def _slot(self) -> None:
        """Wait for a slot for drawing, and in it for room: so the order stays."""
        await self._drawing.acquire()
        try:
            await self._room()
        except BaseException:
            self._drawing.release()
            raise

    async def _run(self, work: Work[T], report: Report) -> T:
        loop = asyncio.get_running_loop()
        stop = threading.Event()
        events: asyncio.Queue[tuple[str, float] | None] = asyncio.Queue()
        started = time.monotonic()
        is_drawing = True

        def cancelled() -> None:
            if stop.is_set():
                raise Cancelled("the caller went away")

        def progress(stage: str, done: float) -> None:
            nonlocal is_drawing
            if is_drawing and stage != _DRAWING:
                while not self._finishing.acquire(timeout=_GLANCE):
                    cancelled()
                is_drawing = False
                loop.call_soon_threadsafe(self._drawing.release)
            loop.call_soon_threadsafe(events.put_nowait, (stage, done))

        def finished() -> None:
            self._count(taken=-1, running=-1)
            (self._drawing if is_drawing else self._finishing).release()
            if not stop.is_set():
                now = time.monotonic()
                self._pace += 0.2 * (now - max(started, self._ended) - self._pace)
                self._ended = now
            events.put_nowait(None)

        job: Future[T] = self._pool.submit(work, progress, cancelled)
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(finished))
        try:
            while event := await events.get():
                await report(*event)
            return job.result()
        finally:
            stop.set()
            del job  # or its error, whose traceback comes by here, and it would hold each other

    def _count(self, taken: int = 0, running: int = 0) -> None:
        self._taken += taken
        self._running += running
        metrics.queue(waiting=self._taken - self._running, running=self._running)

    def _retry_after(self) -> float:
        """Seconds until a place is likely to be free; of many who are refused each hears another.

        They come back one after the other, a little quicker than places become free: some never do.
        """
        now, each = time.monotonic(), _HASTE * self._pace
        self._promised = max(self._promised, now) + each
        if self._promised > now + _LONGEST_RETRY:
            self._promised = now + each
        return min(max(self._promised - now, _SHORTEST_RETRY), _LONGEST_RETRY)

    async def close(self) -> None:
        """Wait until no thread works any more."""
        await asyncio.to_thread(self._pool.shutdown)
