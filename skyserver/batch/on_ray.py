"""Workers on a Ray cluster: tasks, which Ray starts anew when a worker or its machine dies."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from typing import Any, Final

from skyserver.batch.drawing import Drawing, Entry, draw_sky
from skyserver.errors import SkyServerError
from skyserver.on_ray import connect

_UNDER_WAY: Final = 1000  # tasks handed over: enough for a cluster to see that it should grow
_RETRIES: Final = 3


def draw_on_ray(drawing: Drawing, seeds: Iterator[int]) -> Generator[Entry]:
    """Yield the entries of all seeds, drawn wherever the cluster has room (`skyserver.on_ray`).

    A task takes as many processors as the drawing has threads, and a GPU with the backend `cuda`.
    All machines need skyserver and the model file at the same path, and share the folder.

    Raises:
        MissingExtra, InvalidField: there is no Ray, or no cluster (`connect`).
        SkyServerError: a sky's workers died again and again, or whatever `draw_sky` raises.

    """
    ray = connect()
    draw = ray.remote(
        num_cpus=drawing.threads,
        num_gpus=1 if drawing.backend == "cuda" else 0,
        max_retries=_RETRIES,
    )(draw_sky)
    tasks: list[Any] = []
    try:
        while True:
            free = _UNDER_WAY - len(tasks)
            tasks += [draw.remote(drawing, seed) for seed in itertools.islice(seeds, free)]
            if not tasks:
                return
            done, tasks = ray.wait(tasks)
            yield _entry(ray, done[0])
    finally:
        ray.shutdown()


def _entry(ray: Any, task: Any) -> Entry:
    try:
        entry: Entry = ray.get(task)
    except ray.exceptions.RayTaskError as error:
        raise error.cause if isinstance(error.cause, SkyServerError) else error from None
    except ray.exceptions.RayError as error:
        reason = str(error).splitlines()[0]
        raise SkyServerError(f"a worker of the cluster died {_RETRIES} times ({reason})") from None
    return entry
