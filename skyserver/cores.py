"""Parts of one piece of work, side by side on the machine's cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")

_WORKERS: Final = min(4, os.cpu_count() or 1)  # of each request; a server has several of those


def on_cores(work: Callable[[Part], Done], parts: Iterable[Part]) -> list[Done]:
    """What `work` makes of each part, in their order.

    Threads: it pays where the time goes to numpy, Pillow or zlib, which let go of the
    interpreter's lock. How the work is cut into parts must not depend on the machine if results
    are to be the same everywhere.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(work, parts))
