from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import pytest
from live import PATIENCE

from skyserver import pipeline
from skyserver.errors import Busy, Cancelled
from skyserver.server.jobs import JobQueue


async def ignore(stage: str, done: float) -> None: ...


class Blocker:
    """Work of one stage that waits for its gate, and looks for cancellation after it."""

    def __init__(self, stage: str = "model") -> None:
        self.gate, self.begun, self.outcome = threading.Event(), threading.Event(), ""
        self._stage = stage

    def __call__(self, progress: pipeline.Progress, cancelled: pipeline.Cancelled) -> str:
        progress(self._stage, 0.0)
        self.begun.set()
        assert self.gate.wait(PATIENCE)
        try:
            cancelled()
        except Cancelled:
            self.outcome = "cancelled"
            raise
        self.outcome = "done"
        return self.outcome


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_the_bound_is_exact() -> None:
    async def main() -> None:
        jobs, blockers = JobQueue(workers=2, waiting=3), [Blocker() for _ in range(6)]
        tasks = [asyncio.create_task(jobs.run(blocker, ignore)) for blocker in blockers[:5]]
        await settle()
        with pytest.raises(Busy) as caught:
            await jobs.run(blockers[5], ignore)
        assert 0.1 <= caught.value.retry_after <= 60
        for blocker in blockers[:2]:
            assert await asyncio.to_thread(blocker.begun.wait, PATIENCE)
        assert [blocker.begun.is_set() for blocker in blockers] == [True] * 2 + [False] * 4
        for blocker in blockers:
            blocker.gate.set()
        assert await asyncio.gather(*tasks) == ["done"] * 5
        assert await jobs.run(blockers[5], ignore) == "done"
        await jobs.close()

    asyncio.run(main())


def test_drawing_goes_on_while_others_are_finished() -> None:
    async def main() -> None:
        jobs = JobQueue(workers=1, waiting=3)
        finishing, also_finishing = Blocker("encode"), Blocker("sphere")
        drawing, also_drawing = Blocker("model"), Blocker("model")
        tasks = [asyncio.create_task(jobs.run(finishing, ignore))]
        assert await asyncio.to_thread(finishing.begun.wait, PATIENCE)
        others = (drawing, also_drawing, also_finishing)
        tasks += [asyncio.create_task(jobs.run(blocker, ignore)) for blocker in others]
        assert await asyncio.to_thread(drawing.begun.wait, PATIENCE)
        assert not also_drawing.begun.is_set()
        assert not also_finishing.begun.is_set()
        for blocker in (drawing, finishing, also_drawing, also_finishing):
            blocker.gate.set()
        assert await asyncio.gather(*tasks) == ["done"] * 4
        await jobs.close()

    asyncio.run(main())


def test_a_job_lets_go_of_the_model_when_it_has_drawn() -> None:
    drawn, gate = threading.Event(), threading.Event()

    def work(progress: pipeline.Progress, _cancelled: pipeline.Cancelled) -> str:
        progress("model", 0.0)
        progress("panorama", 0.5)
        drawn.set()
        assert gate.wait(PATIENCE)
        return "sky"

    async def main() -> None:
        jobs, model_wanted = JobQueue(workers=1, waiting=1), Blocker("model")
        first = asyncio.create_task(jobs.run(work, ignore))
        assert await asyncio.to_thread(drawn.wait, PATIENCE)
        second = asyncio.create_task(jobs.run(model_wanted, ignore))
        assert await asyncio.to_thread(model_wanted.begun.wait, PATIENCE)
        model_wanted.gate.set()
        assert await second == "done"
        gate.set()
        assert await first == "sky"
        await jobs.close()

    asyncio.run(main())


def test_progress_arrives_in_order_and_before_the_result() -> None:
    reports = []

    async def report(stage: str, done: float) -> None:
        await asyncio.sleep(0.001)
        reports.append((stage, done))

    def work(progress: pipeline.Progress, _cancelled: pipeline.Cancelled) -> str:
        for step in range(50):
            progress("model", step / 50)
        return "sky"

    async def main() -> None:
        jobs = JobQueue(workers=1, waiting=0)
        assert await jobs.run(work, report) == "sky"
        assert reports == [("queue", 0.0), *(("model", step / 50) for step in range(50))]
        await jobs.close()

    asyncio.run(main())


def test_an_error_of_the_work_arrives_and_frees_its_place() -> None:
    def work(_progress: pipeline.Progress, _cancelled: pipeline.Cancelled) -> str:
        raise ZeroDivisionError("broken")

    async def main() -> None:
        jobs = JobQueue(workers=1, waiting=0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError, match="broken"):
                await jobs.run(work, ignore)
        await jobs.close()

    asyncio.run(main())


def test_a_waiting_job_that_is_cancelled_leaves_at_once_and_never_runs() -> None:
    async def main() -> None:
        jobs, running, waiting = JobQueue(workers=1, waiting=1), Blocker(), Blocker()
        first = asyncio.create_task(jobs.run(running, ignore))
        second = asyncio.create_task(jobs.run(waiting, ignore))
        await settle()
        second.cancel()
        await settle()
        third = asyncio.create_task(jobs.run(waiting, ignore))
        await settle()
        assert not third.done()
        running.gate.set()
        waiting.gate.set()
        assert [await first, await third] == ["done", "done"]
        with pytest.raises(asyncio.CancelledError):
            await second
        await jobs.close()

    asyncio.run(main())


def test_a_running_job_that_is_cancelled_keeps_its_place_until_it_stops() -> None:
    async def main() -> None:
        jobs, cancelled, next_one = JobQueue(workers=1, waiting=0), Blocker(), Blocker()
        task = asyncio.create_task(jobs.run(cancelled, ignore))
        assert await asyncio.to_thread(cancelled.begun.wait, PATIENCE)
        task.cancel()
        await settle()
        assert task.cancelled()
        with pytest.raises(Busy):
            await jobs.run(next_one, ignore)
        cancelled.gate.set()
        next_one.gate.set()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await jobs.run(next_one, ignore) == "done"
                    break
                except Busy:
                    await asyncio.sleep(0.01)
        assert cancelled.outcome == "cancelled"
        await jobs.close()

    asyncio.run(main())


def test_the_retry_delay_follows_how_long_jobs_take() -> None:
    async def delay(seconds: float) -> float:
        jobs = JobQueue(workers=1, waiting=0)
        quick, blocker = Blocker(), Blocker()
        for _ in range(10):
            task = asyncio.create_task(jobs.run(quick, ignore))
            await asyncio.sleep(seconds)
            quick.gate.set()
            await task
            quick.gate.clear()
        last = asyncio.create_task(jobs.run(blocker, ignore))
        await settle()
        with pytest.raises(Busy) as caught:
            await jobs.run(quick, ignore)
        blocker.gate.set()
        await last
        await jobs.close()
        return caught.value.retry_after

    assert asyncio.run(delay(0.0)) < asyncio.run(delay(0.1)) < 1.0


def test_those_refused_are_told_to_come_back_one_after_the_other() -> None:
    async def main() -> list[float]:
        jobs, blocker = JobQueue(workers=1, waiting=4), Blocker()
        tasks = [asyncio.create_task(jobs.run(blocker, ignore)) for _ in range(5)]
        await settle()
        delays = []
        for _ in range(10):
            with pytest.raises(Busy) as caught:
                await jobs.run(blocker, ignore)
            delays.append(caught.value.retry_after)
        blocker.gate.set()
        await asyncio.gather(*tasks)
        await jobs.close()
        return delays

    delays = asyncio.run(main())  # a place becomes free each second, as far as the queue knows
    steps = [later - sooner for sooner, later in pairwise(delays)]
    assert steps == pytest.approx([0.8] * 9, abs=0.1)
    assert 0.1 <= delays[0] <= 1
