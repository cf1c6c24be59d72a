"""Real processes, killed while they draw."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from live import wait_until
from whole_batch import assert_whole, draw_here, entries_of

from skyserver.batch.drawing import Drawing
from skyserver.batch.processes import draw_in_processes
from skyserver.batch.run import draw_batch
from skyserver.errors import ModelError, SkyServerError


def test_a_killed_worker_costs_no_sky_and_doubles_none(drawing: Drawing, tiny_model: Path) -> None:
    killed: set[int | None] = set()

    def kill(done: int) -> None:
        workers = {child.pid: child for child in multiprocessing.active_children()}
        if done in (2, 5):
            pid, worker = workers.popitem()
            worker.kill()
            killed.add(pid)

    assert draw_batch(drawing, 8, partial(draw_in_processes, 2), kill) == 8
    assert len(killed) == 2
    assert_whole(drawing.folder, range(995, 1003), tiny_model, drawing.request)


class Deadly(Drawing):
    """Ends the process that draws it, as a lack of memory would."""

    def path_of(self, _seed: int) -> Path:
        os._exit(9)


def test_workers_that_keep_dying_are_an_error(drawing: Drawing) -> None:
    deadly = Deadly(**vars(drawing))
    with pytest.raises(SkyServerError, match="keep dying, last at seeds 995 to 996; is there mem"):
        draw_batch(deadly, 9, partial(draw_in_processes, 1), lambda _done: None)
    assert entries_of(drawing.folder) == []


def test_a_model_that_changed_is_an_error(drawing: Drawing) -> None:
    changed = replace(drawing, digest="0" * 64)
    with pytest.raises(ModelError, match="not the model that this batch began with"):
        draw_batch(changed, 9, partial(draw_in_processes, 1), lambda _done: None)


COMMAND = [sys.executable, "-m", "skyserver", "generate", "--cloud", "Cu", "--size", "512"]
COMMAND += ["--backend", "cpu"]


def batch(drawing: Drawing, count: int, jobs: int) -> list[str]:
    said = ["--model", drawing.model, "--seed", drawing.request.seed, "-o", drawing.folder]
    return [*COMMAND, *map(str, [*said, "--count", count, "--jobs", jobs])]


def children_of(process: subprocess.Popen[Any]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in tasks.read_text().split()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_batch_leaves_nobody_behind_and_goes_on(
    drawing: Drawing, tiny_model: Path, how: signal.Signals
) -> None:
    command = batch(drawing, count=20, jobs=2)
    manifest = drawing.folder / "manifest.jsonl"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first:
        wait_until(lambda: manifest.exists() and manifest.read_bytes().count(b"\n") > 3)
        workers = children_of(first)
        first.send_signal(how)
        _, errors = first.communicate()
    assert first.returncode == (130 if how is signal.SIGINT else -how)
    if how is signal.SIGINT:  # else Python's own helper tells of semaphores that it removed
        assert errors == ""
    assert len(workers) >= 2
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    before = len(entries_of(drawing.folder))
    assert 3 <= before < 20
    assert draw_batch(drawing, 20, draw_here, lambda _done: None) == 20 - before
    assert_whole(drawing.folder, range(995, 1015), tiny_model, drawing.request)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_one_line_and_the_batch_goes_on(drawing: Drawing, tiny_model: Path) -> None:
    import resource

    def no_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    command = batch(drawing, count=1, jobs=1)
    full = subprocess.run(command, capture_output=True, text=True, preexec_fn=no_space, check=False)
    assert (full.returncode, full.stdout) == (1, "")
    assert len(full.stderr.splitlines()) == 1
    assert "cannot be written (File too large)" in full.stderr
    assert draw_batch(drawing, 1, draw_here, lambda _done: None) == 1
    assert_whole(drawing.folder, range(995, 996), tiny_model, drawing.request)
