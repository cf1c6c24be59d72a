"""A distillation from where it stopped, in a folder of its own.

options.json            every option, and the digest of the teacher's checkpoint
log.jsonl               a JSON object for each tick
checkpoint.safetensors  the last tick: `export` and `quantize` make a model file of it
"""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training import checkpoint
from training.checkpoint import Checkpoint
from training.loop import pick_device
from training.quantize.distil import Distillation, Options
from training.runfolder import LAST
from training.stopping import stoppable

TICK = 400  # pictures between two lines of the log


def run(source: Path, folder: Path, options: Options, console: Console) -> Path:
    """Distil the averaged generator of the checkpoint `source` and return the checkpoint written.

    Goes on with what `folder` holds. Ctrl-C ends the run after the step at hand, saved. Raises
    ValueError for a folder whose run was begun with other options or from another checkpoint.
    """
    loaded = checkpoint.load(source)
    last = folder / LAST
    _claim(folder, {**asdict(options), "teacher": _digest(source)})
    work = Distillation(loaded.generator("G_ema").to(pick_device()), options)
    if last.exists():
        work.resume(checkpoint.load(last).parts)
    with stoppable(work), _progress(console) as progress:
        task = progress.add_task("distilling", total=options.kimg, completed=work.kimg, loss="")
        while work.kimg < options.kimg and not work.interrupted:
            stats = _tick(work, lambda loss: progress.update(task, completed=work.kimg, loss=loss))
            parts = {"G_ema": work.quantized(), **work.state()}
            state = Checkpoint(loaded.config, loaded.kimg, loaded.classes, parts)
            checkpoint.save(state, last)
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps({"kimg": work.kimg, "time": time.time(), **stats}) + "\n")
            figures = "  ".join(f"{name} {value:.4g}" for name, value in stats.items())
            console.print(f"kimg {work.kimg:8.2f}  {figures}", highlight=False)
    if work.kimg < options.kimg:
        console.print(f"stopped at {work.kimg:.2f} kimg, saved", highlight=False)
        raise KeyboardInterrupt
    return last


def _tick(work: Distillation, on_step: Callable[[str], None]) -> dict[str, float]:
    """Distil to the next multiple of a tick; returns the means of what the steps say, the PSNR
    and the speed."""
    begun, first = time.monotonic(), work.shown
    end = min((first // TICK + 1) * TICK, work.options.kimg * 1000)
    said: dict[str, list[float]] = {}
    while work.shown < end and not work.interrupted:
        for name, value in work.step().items():
            said.setdefault(name, []).append(value)
        on_step("  ".join(f"{name} {values[-1]:.4f}" for name, values in said.items()))
    means = {name: statistics.fmean(values) for name, values in said.items()}
    seconds = (time.monotonic() - begun) / (work.shown - first)
    return {**means, "psnr": work.psnr(), "sec_per_kimg": 1000 * seconds}


def _claim(folder: Path, options: dict[str, object]) -> None:
    """Make the folder that of a run with these options, or find that it is."""
    path = folder / "options.json"
    try:
        if not path.exists():
            if (folder / LAST).exists():
                raise ValueError(f"{folder}: holds the checkpoint of a training; choose another")
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(options, indent=2))
        held = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{folder}: cannot be used ({error.strerror})") from None
    checkpoint.require_same(held, options, f"{folder}: was begun with other options")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.2f}/{task.total:g} kimg  {task.fields[loss]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
