"""Workers on this machine: processes, replaced when one dies."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from skyserver.batch.drawing import Drawing, Entry, draw_sky
from skyserver.errors import SkyServerError

MAX_PROCESSES: Final = 61 if sys.platform == "win32" else 512  # what Windows can wait for

_STRIKES: Final = 3  # deaths without one sky between them: it is no accident


def draw_in_processes(count: int, drawing: Drawing, seeds: Iterator[int]) -> Generator[Entry]:
    """Yield the entries of all seeds, drawn in `count` processes, 1 to `MAX_PROCESSES`.

    When a process dies all are replaced, and what was under way is drawn again.

    Raises:
        SkyServerError: processes keep dying, or whatever `draw_sky` raises.

    """
    under_way: set[int] = set()
    strikes = 0
    while strikes < _STRIKES:
        seeds = itertools.chain(sorted(under_way), seeds)
        under_way.clear()
        try:
            for entry in _drawn(count, drawing, seeds, under_way):
                strikes = 0
                yield entry
        except BrokenProcessPool:
            strikes += 1
        else:
            return
    raise SkyServerError(
        f"the processes that draw keep dying, last at seeds {min(under_way)} to {max(under_way)};"
        " is there memory for so many?"
    )


def _drawn(
    count: int, drawing: Drawing, seeds: Iterator[int], under_way: set[int]
) -> Generator[Entry]:
    """As above, with one set of processes; `under_way` holds what is taken and not yet yielded."""
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit half of numpy's threads
    pool = ProcessPoolExecutor(count, spawn, _begin_worker)
    futures: set[Future[Entry]] = set()
    try:
        while True:
            for seed in itertools.islice(seeds, 2 * count - len(futures)):
                under_way.add(seed)
                futures.add(pool.submit(draw_sky, drawing, seed))
            if not futures:
                return
            done, futures = wait(futures, return_when=FIRST_COMPLETED)
            for future in done:
                entry = future.result()
                yield entry
                under_way.remove(entry["seed"])
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """Leave Ctrl+C to the process that was started, and end when it does, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
