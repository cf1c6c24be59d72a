"""One fault in a running load, and whether the server kept what it promises."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from callers import Load

SERVES_AGAIN = 5.0  # seconds, promised; then a sky takes what it takes
PATIENCE = 180.0  # seconds after which nothing more is waited for

Fault = Callable[[random.Random], AbstractContextManager[str]]
"""Strikes when it is entered, and gives a word for how. At its end all is as before, or it raises
`BrokenPromiseError`."""


class BrokenPromiseError(Exception):
    """What was promised and not kept."""


@dataclass
class Struck:
    """A fault and what came of it; `outcomes` are those of the calls that it met."""

    kind: str
    how: str = ""
    in_flight: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    next_sky: float | None = None
    whole_again: float | None = None
    broken: list[str] = field(default_factory=list)


def strike(kind: str, fault: Fault, load: Load, chance: random.Random) -> Struck:
    """Let a fault strike now, and wait until its last call has ended."""
    seen, moment = len(load.calls), time.monotonic()
    struck = Struck(kind, in_flight=load.in_flight)
    try:
        with fault(chance) as struck.how:
            moment = time.monotonic()
            wait_until(lambda: load.is_past(moment) and load.sky_after(moment), "no sky any more")
        struck.whole_again = time.monotonic() - moment
    except BrokenPromiseError as error:
        struck.broken.append(f"{struck.how}: {error}")
    met = load.calls[seen:]
    struck.outcomes = Counter(call.outcome for call in met)
    struck.broken += [call.broken for call in met if call.broken]
    struck.next_sky = load.sky_after(moment)
    if struck.next_sky is not None and struck.next_sky > SERVES_AGAIN + load.usual:
        struck.broken.append(f"{struck.how}: the next sky only after {struck.next_sky:.1f} s")
    return struck


def promise(is_kept: bool, what: str) -> None:
    """Raise unless a promise is kept."""
    if not is_kept:
        raise BrokenPromiseError(what)


def wait_until(condition: Callable[[], object], otherwise: str, seconds: float = PATIENCE) -> None:
    """Return once `condition` holds; a promise is broken when it takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        promise(time.monotonic() < end, otherwise)
        time.sleep(0.05)
