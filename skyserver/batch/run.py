"""A batch from its first to its last sky."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from skyserver.batch.drawing import Draw, Drawing
from skyserver.batch.manifest import opened
from skyserver.errors import InvalidField
from skyserver.request import MAX_SEED


def draw_batch(drawing: Drawing, count: int, draw: Draw, progress: Callable[[int], None]) -> int:
    """Draw those of `count` skies that are not there yet, and return how many those were.

    `progress` is told how many are there, from the first on.

    Raises:
        InvalidField: there are not so many seeds, or the folder has another batch.
        OutputError: something cannot be written.
        SkyServerError: whatever else `draw` raises.

    """
    first = drawing.request.seed
    seeds = range(first, first + count)
    if not 1 <= count <= MAX_SEED + 1 - first:
        raise InvalidField("count", count, f"1 to {MAX_SEED + 1 - first}")
    with opened(drawing) as manifest:
        before = sum(seed in seeds for seed in manifest.done)
        progress(before)
        todo = (seed for seed in seeds if seed not in manifest.done)
        with closing(draw(drawing, todo)) as entries:
            for drawn, entry in enumerate(entries, 1):
                manifest.append(entry)
                progress(before + drawn)
        return count - before
