"""Parts of one piece of work, side by side on the machine's cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final, TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")

_WORKERS: Final = min(4, os.cpu_count() or 1)
_here = threading.local()


def on_cores(work: Callable[[Part], Done], parts: Iterable[Part]) -> list[Done]:
    """What `work` makes of each part, in their order.

    Threads: it pays where the time goes to numpy, Pillow or zlib, which let go of the
    interpreter's lock. All requests share the same few. Parts of a part are done one after the
    other. How work is cut into parts must not depend on the machine, so that results do not.
    """
    if getattr(_here, "is_worker", False):
        return [work(part) for part in parts]
    return list(_pool(os.getpid()).map(work, parts))


@lru_cache(1)
def _pool(_process: int) -> ThreadPoolExecutor:
    """Kept, because new threads take new memory from the C library. A fork needs its own."""
    return ThreadPoolExecutor(_WORKERS, "cores", initializer=_begin_worker)


def _begin_worker() -> None:
    _here.is_worker = True
