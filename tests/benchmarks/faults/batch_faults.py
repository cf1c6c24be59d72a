"""What befalls a batch (`generate --count`), which must end as if it had been left alone."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from os import kill
from pathlib import Path
from typing import Any

from callers import SKY
from disk import full
from server import children, command
from strike import BrokenPromiseError, Struck, promise, wait_until

COUNT, JOBS = 8, 2
Batch = subprocess.Popen[str]


class BatchFaults:
    """The faults by their names; each gets a folder of its own below `folder`."""

    def __init__(self, folder: Path, small_disk: Path) -> None:
        self._folder = folder
        self._small_disk = small_disk
        self._wanted: dict[str, Any] | None = None
        self.by_kind: dict[str, Callable[[random.Random, Struck], Path]] = {
            "batch worker killed": self.worker_killed,
            "batch killed": self.batch_killed,
            "batch disk full": self.disk_full,
        }

    def strike(self, kind: str, number: int, chance: random.Random) -> Struck:
        """Let a fault strike at a random moment of a batch, and compare what is there at last."""
        if self._wanted is None:
            alone = self._folder / "undisturbed"
            promise(start(alone).wait() == 0, "a batch that is left alone fails")
            self._wanted = content(alone)
        struck = Struck(kind, "kill -9", JOBS)
        self._current = self._folder / str(number)
        try:
            folder = self.by_kind[kind](chance, struck)
            there = content(folder)
            for part, wanted in self._wanted.items():
                promise(there[part] == wanted, f"other {part} than a batch that was left alone")
            struck.outcomes[SKY] = len(there["files"])
        except BrokenPromiseError as error:
            struck.broken.append(str(error))
        return struck

    def worker_killed(self, chance: random.Random, struck: Struck) -> Path:
        """A process that draws dies; the batch goes on."""
        folder = self._current
        with start(folder) as batch:
            reach(folder, chance)
            kill(chance.choice(workers(batch)), signal.SIGKILL)
            struck.next_sky = seconds_to_next(folder)
            ended(batch, 0)
        return folder

    def batch_killed(self, chance: random.Random, struck: Struck) -> Path:
        """The batch itself dies; nobody is left, and the same command goes on."""
        folder = self._current
        with start(folder) as batch:
            reach(folder, chance)
            left = workers(batch)
            batch.kill()
        wait_until(lambda: not any(map(command, left)), "its processes go on without it")
        self._go_on(folder, struck)
        return folder

    def disk_full(self, chance: random.Random, struck: Struck) -> Path:
        """The disk is full: one line says so, and the same command goes on once it is not."""
        folder = self._small_disk / self._current.name
        struck.how = "full"
        with start(folder) as batch:
            reach(folder, chance)
            with full(self._small_disk):
                line = ended(batch, 1)
        promise(line.count("\n") == 1 and "cannot be written" in line, f"it says {line!r}")
        struck.outcomes["exit code 1"] += 1
        self._go_on(folder, struck)
        return folder

    def _go_on(self, folder: Path, struck: Struck) -> None:
        with start(folder) as batch:
            struck.next_sky = seconds_to_next(folder)
            ended(batch, 0)


def start(folder: Path) -> Batch:
    """Start a batch, or go on with it."""
    asked = f"generate --cloud Cu --size 512 --count {COUNT} --jobs {JOBS} --threads 1 -o"
    line = [sys.executable, "-m", "skyserver", *asked.split(), str(folder)]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(batch: Batch, code: int) -> str:
    """Wait for the end of a batch; what it said to stderr."""
    _, said = batch.communicate()
    promise(batch.returncode == code, f"it ended with {batch.returncode}: {said}")
    return said


def reach(folder: Path, chance: random.Random) -> None:
    """Wait until some skies are done, and a moment more."""
    some = chance.randrange(COUNT - JOBS - 1)
    wait_until(lambda: done(folder) >= some and (folder / "manifest.jsonl").exists(), "no sky")
    time.sleep(chance.uniform(0.0, 0.1))


def seconds_to_next(folder: Path) -> float:
    """Wait until one more sky is in the manifest."""
    before, moment = done(folder), time.monotonic()
    wait_until(lambda: done(folder) > before, "no sky any more")
    return time.monotonic() - moment


def done(folder: Path) -> int:
    """How many lines the manifest has below its header."""
    try:
        return (folder / "manifest.jsonl").read_bytes().count(b"\n") - 1
    except FileNotFoundError:
        return 0


def workers(batch: Batch) -> list[int]:
    """The processes that draw, once there are any."""
    found: list[int] = []

    def look() -> bool:
        found[:] = [one for one in children(batch.pid) if b"spawn_main" in command(one)]
        return bool(found)

    wait_until(look, "nobody draws")
    return found


def content(folder: Path) -> dict[str, Any]:
    """All files with their digests, and the manifest, in the order of the seeds."""
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*/**/*")
        if path.is_file()
    }
    entries = sorted(map(json.loads, lines[1:]), key=lambda entry: entry["seed"])
    listed = Counter(file["path"] for entry in entries for file in entry["files"])
    return {"files": files, "entries": entries, "header": lines[0], "listed": listed}
