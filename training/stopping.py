"""Long work that is told to stop, and ends where it can go on from."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stoppable(Protocol):
    """Work that looks at `interrupted` between steps."""

    interrupted: bool


@contextmanager
def stoppable(work: Stoppable) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM set `interrupted`, a second one end the work at once."""

    def stop(*_: object) -> None:
        if work.interrupted:
            raise KeyboardInterrupt
        work.interrupted = True

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
