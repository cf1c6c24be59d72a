"""The training loop: batches in, ticks out.

A tick logs a line, draws a sample grid and writes a checkpoint. A run that is stopped and resumed
computes what it would have computed in one go, in as many processes as before.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from training import dataset, distributed, hyper, start, transfer
from training.batches import Batches, to_float
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.objectives import OBJECTIVES
from training.runfolder import RunFolder
from training.seeds import Stream, mixed, seeded
from training.stopping import stoppable

CALIBRATED = 256  # real pictures that set the scale of frozen features


def pick_device() -> torch.device:
    """The GPU when there is one; of several, the one of this process."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 where the processor computes in it, float32 where it would only be
    imitated."""
    if name != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]
    native = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if native else torch.float32


class Training:
    """State of a run; `run` goes on from wherever it is until the configured length.

    `resume` is a checkpoint of this very run. `init` is one whose networks a new run starts from:
    as they are, at the same resolution or at twice it, or with `config.transfer` as far as they
    fit; `copied` then says what became of each tensor.
    """

    def __init__(
        self,
        config: TrainConfig,
        resume: Checkpoint | None = None,
        init: Checkpoint | None = None,
    ) -> None:
        self.device = pick_device()
        self.dtype = pick_precision(config.precision, self.device)
        torch.manual_seed(config.seed)
        part = distributed.part(config.batch)
        self.data = self._load_data(config)
        self.classes = self.data.classes if config.conditional else []
        shape = replace(config.generator, classes=len(self.classes))
        if init is not None and config.transfer == "hyper":
            shape = hyper.shape_on(init.config.generator, shape)
        self.config = replace(config, generator=shape)
        self.batches = Batches(
            self.data, shape.classes, shape.z_dim, config.batch, config.seed, part
        )
        self.resumed = resume is not None
        self.interrupted = self.stop = False  # this process was told to stop; all were
        self.copied: dict[str, list[transfer.CopyRow]] = {}
        if resume is not None:
            start.check_resumable(resume, self.config, self.classes)
        source = resume or (init if config.transfer == "none" else None)
        self.shown = round(source.kimg * 1000) if source else 0  # real pictures so far
        self.started = round(resume.start_kimg * 1000) if resume else self.shown

        generator, averaged = start.generators(self.config, source)
        self.generator = generator.to(self.device).to(memory_format=torch.channels_last).train()
        self.averaged = averaged.to(self.device).eval().requires_grad_(False)
        objective = OBJECTIVES[config.discriminator]
        self.objective = objective(self.generator, self.config, self.dtype, self._calibration())
        for optimizer in (self.objective.opt_g, self.objective.opt_d):
            distributed.average_gradients(optimizer)
        if resume is not None:
            self.objective.resume(resume.parts)
        elif source is not None:
            self.objective.initialise(source.parts)
        elif init is not None:
            self._transfer(init)
        self._restore_random(resume.parts.get("random", {}) if resume else {})

    @property
    def kimg(self) -> float:
        """Thousands of real pictures shown so far, over all stages."""
        return self.shown / 1000

    def run(self, console: Console) -> None:
        """Train to the end.

        Ctrl-C ends the run after the step at hand, with a checkpoint; a second one at once. Raises
        ValueError when a figure or a weight is not finite, or the folder cannot be written: the
        last checkpoint is then as it was.
        """
        kept: AbstractContextManager[RunFolder | None] = nullcontext()
        if distributed.first():
            kept = closing(RunFolder(self.config, self.data, self.resumed))
        with kept as folder, stoppable(self), _progress(console) as progress:
            task = progress.add_task(
                "training", total=self.config.kimg, completed=self.kimg, speed=""
            )
            while self.kimg < self.config.kimg and not self.stop:
                stats = self._tick(
                    lambda speed: progress.update(task, completed=self.kimg, speed=speed)
                )
                state = self.state()
                if folder:
                    stats |= folder.keep(state, stats, self.averaged, self.dtype)
                figures = "  ".join(f"{name} {value:.3f}" for name, value in stats.items())
                console.print(f"kimg {self.kimg:8.2f}  {figures}", highlight=False)
        if self.stop:
            console.print(f"stopped at {self.kimg:.2f} kimg, saved", highlight=False)
            raise KeyboardInterrupt

    def _tick(self, on_step: Callable[[str], None]) -> dict[str, float]:
        """Train to the next multiple of a tick, wherever the run was stopped before; returns the
        means of what the steps say, and the speed."""
        begun, first = time.monotonic(), self.shown
        tick = max(1, round(self.config.tick_kimg * 1000))
        end = min((self.shown // tick + 1) * tick, self.config.kimg * 1000)
        said: dict[str, list[float]] = {}
        while self.shown < end and not self.stop:
            for name, value in self.step().items():
                said.setdefault(name, []).append(value)
            speed = (time.monotonic() - begun) / (self.shown - first) * 1000
            on_step(f"{speed:.1f} s/kimg")
        return {name: statistics.fmean(values) for name, values in said.items()} | {
            "sec_per_kimg": speed
        }

    def step(self) -> dict[str, float]:
        """One step on the next batch; returns what the objective says, over all processes.

        Raises ValueError when it is not finite.
        """
        batch = self.batches.at(self.shown)
        self.objective.progress((self.shown - self.started) / 1000)
        said = self.objective.step(batch.reals, batch.c_real, batch.z, batch.c_fake)
        self.shown += self.config.batch
        self._average()
        values = [
            *(torch.as_tensor(value) for value in said.values()),
            torch.tensor(self.interrupted),
        ]
        agreed = distributed.mean(torch.stack([v.detach().float().to(self.device) for v in values]))
        *figures, stop = agreed.tolist()
        self.stop = stop > 0  # every process ends after the same step
        stats = dict(zip(said, figures, strict=True))
        for name, value in stats.items():
            self._require_finite(name, math.isfinite(value))
        return stats

    @torch.no_grad()
    def _average(self) -> None:
        """Move the averaged generator [Karras et al. 2018, arXiv 1710.10196, app. A.2]."""
        self.generator.mapping.w_avg.copy_(distributed.mean(self.generator.mapping.w_avg))
        half_life, rampup = self.config.ema_kimg, self.config.ema_rampup
        if rampup:
            half_life = min(half_life, self.kimg * rampup)
        decay = 0.5 ** (self.config.batch / 1000 / half_life)
        own, averaged = list(self.generator.parameters()), list(self.averaged.parameters())
        torch._foreach_lerp_(averaged, own, 1 - decay)
        for target, source in zip(self.averaged.buffers(), self.generator.buffers(), strict=True):
            target.copy_(source)

    def state(self) -> Checkpoint:
        """Everything that the run needs to go on exactly, of all processes.

        Raises ValueError when a weight is not finite.
        """
        networks = {
            "G": self.generator.state_dict(),
            "G_ema": self.averaged.state_dict(),
            **self.objective.state(),
        }
        for part, tensors in networks.items():
            self._require_finite(part, all(t.isfinite().all() for t in tensors.values()))
        parts = {**networks, "random": self._random()}
        return Checkpoint(self.config, self.kimg, self.classes, parts, self.started / 1000)

    def _random(self) -> dict[str, Tensor]:
        """Random states of torch, a row for each process."""
        states = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state()
        return {
            kind: torch.stack(distributed.gather(state.to(self.device)))
            for kind, state in states.items()
        }

    def _restore_random(self, states: dict[str, Tensor]) -> None:
        """Go on with the random states of a checkpoint of as many processes; else with new ones."""
        torch.manual_seed(mixed(self.config.seed, Stream.NOISE, self.shown, distributed.rank()))
        own = self._random()
        for kind, restore in (("cpu", torch.set_rng_state), ("cuda", torch.cuda.set_rng_state)):
            held = states.get(kind)
            if held is not None and kind in own and held.shape == own[kind].shape:
                mine = held[distributed.rank()].cpu()
                restore(mine.clone())  # torch crashes on a view

    def _transfer(self, init: Checkpoint) -> None:
        networks = {"G": self.generator, "G_ema": self.averaged}
        networks["D"] = self.objective.discriminator
        self.copied = transfer.take(self.config.transfer, networks, init.parts)

    def _calibration(self) -> Tensor:
        random = seeded(self.config.seed, Stream.CALIBRATION)
        chosen = torch.randperm(len(self.data), generator=random)
        return to_float(self.data.images[chosen[:CALIBRATED].to(self.device)])

    def _load_data(self, config: TrainConfig) -> dataset.SkyData:
        data = dataset.load(Path(config.data), config.generator.resolution)
        images, labels = data.images.to(self.device), data.labels.to(self.device)
        return replace(data, images=images, labels=labels)

    def _require_finite(self, name: str, finite: bool) -> None:
        if not finite:
            raise ValueError(
                f"{name} is not finite at {self.kimg:.3f} kimg: stopped; "
                f"the last checkpoint in {self.config.run} is as it was"
            )


def _progress(console: Console) -> Progress:
    """A bar with the speed and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.1f}/{task.total:.0f} kimg  {task.fields[speed]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        speed_estimate_period=600,  # seconds: a step may take longer than the usual 30
    )
