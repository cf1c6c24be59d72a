"""How a process of ours takes memory from the system's C library."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

_ARENAS: Final = "MALLOC_ARENA_MAX"
_M_ARENA_MAX: Final = -8  # malloc.h of glibc


def share_one_heap() -> None:
    """Have the threads of this process, and those of processes that it starts, share one heap.

    By default glibc gives threads heaps of their own, eight for each core at most, and each of them
    keeps what the largest picture needed that was ever made there: a server grows for as long as
    its threads take turns. It must be called before there are threads. Does nothing where the
    environment has MALLOC_ARENA_MAX, or the C library is another (mallopt(3), M_ARENA_MAX).
    """
    if sys.platform != "linux" or _ARENAS in os.environ:
        return
    os.environ[_ARENAS] = "1"  # for the processes that it starts
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
