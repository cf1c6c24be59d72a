"""How fast model files draw, side by side on this machine.

All candidates take turns, picture by picture, so that whatever else the machine does slows all of
them: times move from run to run, their ratios hold.
"""

from __future__ import annotations

import os
import platform
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skyserver.footprint import footprint
from skyserver.latents import sky_latents
from skyserver.model import SkyModel

ROUNDS_BESIDES = 2  # of work: one picture to warm up, one in a process of its own


@dataclass(frozen=True)
class Candidate:
    """A model file with a way to run it, as in `SkyModel.load`."""

    file: Path
    backend: str
    threads: int


@dataclass(frozen=True)
class Measured:
    """What a candidate needs for one picture, all of it but the rest of a request.

    `seconds` are the latencies of its pictures: number i of every candidate was drawn in the same
    turn. `cpu_seconds` is the processor time of a picture, all cores together, on average.
    `load_seconds` and `peak_bytes` are those of `Footprint`.
    """

    file: str
    backend: str
    threads: int
    file_bytes: int
    load_seconds: float
    peak_bytes: int | None
    seconds: tuple[float, ...]
    cpu_seconds: float

    @property
    def median(self) -> float:
        """Latency in seconds that half of the pictures stay below."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """Latency in seconds that 95 % of the pictures stay below."""
        return float(np.percentile(self.seconds, 95))

    @property
    def pictures_per_second(self) -> float:
        """How many are drawn in a second, one after the other."""
        return len(self.seconds) / sum(self.seconds)

    def speed_against(self, other: Measured) -> float:
        """How many times as fast as `other` it is: the median over turns of the ratio in each."""
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)


def measure(
    candidates: Sequence[Candidate], runs: int, drawn: Callable[[], None] = lambda: None
) -> list[Measured]:
    """Draw `runs` pictures with each candidate in turn, in an order that is drawn anew each turn.

    `drawn` is called after each picture, `runs + ROUNDS_BESIDES` times for every candidate.

    Raises:
        InvalidField, MissingExtra, ModelError: as in `SkyModel.load`, before anything is measured.

    """
    turns = [_Turns(SkyModel.load(one.file, one.threads, one.backend)) for one in candidates]
    footprints = []
    for one in candidates:
        footprints.append(footprint(one.file, one.threads, one.backend))
        drawn()
    order = list(range(len(candidates)))
    shuffle = random.Random(0).shuffle
    for turn in range(runs + 1):
        shuffle(order)
        for index in order:
            turns[index].draw(turn)
            drawn()
    return [
        Measured(
            file=str(one.file),
            backend=turn.model.backend,
            threads=one.threads,
            file_bytes=one.file.stat().st_size,
            load_seconds=taken.load_seconds,
            peak_bytes=taken.peak_bytes,
            seconds=tuple(turn.seconds[1:]),
            cpu_seconds=statistics.mean(turn.cpu_seconds[1:]),
        )
        for one, turn, taken in zip(candidates, turns, footprints, strict=True)
    ]


class _Turns:
    """A model, and the time its pictures took so far."""

    def __init__(self, model: SkyModel) -> None:
        self.model = model
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []

    def draw(self, turn: int) -> None:
        info = self.model.info
        z = sky_latents(turn, info.layers, info.z_dim, pictures=1)[:1]
        c = self.model.class_weights(info.classes[turn % len(info.classes)].code)
        began, cpu_began = time.perf_counter(), time.process_time()
        self.model.run(z, c, 1.0)
        self.seconds.append(time.perf_counter() - began)
        self.cpu_seconds.append(time.process_time() - cpu_began)


def machine() -> str:
    """Name this machine, as a table of times should: processor, cores, system, runtime."""
    import onnxruntime

    listed = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", listed.read_text()) if listed.exists() else None
    processor = named[1] if named else platform.processor() or platform.machine()
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()},"
        f" ONNX Runtime {onnxruntime.__version__}"
    )
