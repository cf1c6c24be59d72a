"""`skyserver generate --count`: many skies into one folder."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

import typer

from skyserver.batch.drawing import Draw, Drawing
from skyserver.batch.manifest import NAME
from skyserver.batch.on_ray import draw_on_ray
from skyserver.batch.processes import MAX_PROCESSES, draw_in_processes
from skyserver.batch.run import draw_batch
from skyserver.cli.progress import progress_bar
from skyserver.errors import InvalidField
from skyserver.model import SkyModel
from skyserver.request import SkyRequest


def generate_many(
    request: SkyRequest,
    count: int,
    jobs: str | None,
    folder: Path,
    model: str | None,
    threads: int,
    backend: str,
    as_json: bool,
) -> None:
    """Draw the sky of `request` and those of the seeds after it, and say on stdout what there is.

    Raises:
        InvalidField, NotFound: the command is wrong, or the folder has another batch.
        SkyServerError: the skies cannot be drawn or written (`skyserver.batch`).

    """
    draw, cores = _workers(jobs)
    loaded = SkyModel.load(model, 1, "cpu")
    loaded.class_weights(request.cloud, request.mix_with, request.mix_share)
    drawing = Drawing(
        folder.resolve(),
        request,
        loaded.info.digest,
        None if model is None else Path(model).resolve(),
        threads or cores,
        backend,
    )
    started = time.monotonic()
    with progress_bar() as progress:
        new = draw_batch(
            drawing, count, draw, lambda done: progress(f"{done} of {count}", done / count)
        )
    if as_json:
        facts = {"manifest": str(folder / NAME), "skies": count, "new": new}
        facts |= {"request": asdict(request), "model": drawing.digest}
        typer.echo(json.dumps(facts | {"seconds": time.monotonic() - started}))
    else:
        typer.echo(f"{folder / NAME}  {count} skies, {new} of them new")


def _workers(jobs: str | None) -> tuple[Draw, int]:
    """Who draws, and on how many cores each: all cores are used once."""
    if jobs == "ray":
        return draw_on_ray, 1
    cores = os.cpu_count() or 1
    count = min(cores, MAX_PROCESSES) if jobs is None else int(jobs) if jobs.isdecimal() else 0
    if not 1 <= count <= MAX_PROCESSES:
        raise InvalidField("jobs", jobs, f"1 to {MAX_PROCESSES}, or ray")
    return partial(draw_in_processes, count), max(1, cores // count)
