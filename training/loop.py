"""The training loop: batches in, ticks out.

A tick logs a line, draws a sample grid and writes a checkpoint.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.nn import functional as F

from training import checkpoint, dataset
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.network import Generator, grow
from training.objectives import OBJECTIVES

GRID_COLUMNS = 8
INITIAL_RGB_SCALE = 0.3  # outside [-1, 1] the frozen features saturate: start well inside
EMA_RAMPUP = 0.05  # early on, average over at most this part of what was trained so far


def pick_device() -> torch.device:
    """The GPU when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 where the processor computes in it, float32 where it would only be
    imitated."""
    if name != "auto":
        return getattr(torch, name)
    native = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if native else torch.float32


class Training:
    """State of a run; `run` goes on from wherever it is until the configured length.

    `resume` is a checkpoint of this very run; `init` one whose networks a new run starts from, at
    the same resolution or at twice it.
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
        resolution = config.generator.resolution
        self.data = _on_device(dataset.load(Path(config.data), resolution), self.device)
        classes = len(self.data.classes) if config.conditional else 0
        self.config = replace(config, generator=replace(config.generator, classes=classes))
        self.folder = Path(config.run)
        source = resume or init
        self.kimg = source.kimg if source else 0.0

        generator, averaged = self._generators(source)
        self.generator = generator.to(self.device).to(memory_format=torch.channels_last).train()
        self.averaged = averaged.to(self.device).eval().requires_grad_(False)

        objective = OBJECTIVES[self.config.discriminator]
        reals = to_float(next(self._batches(min(256, len(self.data))))[0])
        self.objective = objective(self.generator, self.config, self.dtype, reals)
        if resume is not None:
            self.objective.resume(resume.parts)
        elif init is not None:
            self.objective.initialise(init.parts)
        self.batches = self._batches(self.config.batch, seed=int(self.kimg * 1000))

    def _generators(self, source: Checkpoint | None) -> tuple[Generator, Generator]:
        """The generator and its average: new, or a checkpoint's, grown if it is half the size."""
        config = self.config.generator
        if source is None:
            generator = Generator(config)
            _shrink_colour(generator)
            return generator, copy.deepcopy(generator)
        generator, averaged = (_restored(source, part) for part in ("G", "G_ema"))
        if 2 * source.config.generator.resolution == config.resolution:
            generator, averaged = grow(generator), grow(averaged)
        if generator.config != config:
            raise ValueError(
                f"the checkpoint holds {generator.config}, which does not fit {config}"
            )
        return generator, averaged

    def run(self, console: Console) -> None:
        """Train to the end.

        Ctrl-C ends the run after a checkpoint.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "options.json").write_text(self.config.to_json())
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            task = progress.add_task(
                "training", total=self.config.kimg, completed=self.kimg, speed=""
            )
            try:
                while self.kimg < self.config.kimg:
                    line = self._tick(
                        lambda speed: progress.update(task, completed=self.kimg, speed=speed)
                    )
                    console.print(line, highlight=False)
            except KeyboardInterrupt:
                console.print(f"interrupted at {self.kimg:.2f} kimg: saving")
                self.save()
                raise

    def _tick(self, on_step: Callable[[str], None]) -> str:
        """Train for one tick, then log, draw and save; returns the line."""
        start, first, sums, steps = time.monotonic(), self.kimg, {}, 0
        end = min(self.kimg + self.config.tick_kimg, self.config.kimg)
        while self.kimg < end:
            for name, value in self._step().items():
                total, count = sums.get(name, (0.0, 0))
                sums[name] = (total + value.detach(), count + 1)
            steps += 1
            on_step(f"{(time.monotonic() - start) / (self.kimg - first):.1f} s/kimg")
        stats = {name: float(total) / count for name, (total, count) in sums.items()}
        stats["sec_per_kimg"] = (time.monotonic() - start) / (self.kimg - first)
        self.save()
        self.draw_samples(self.folder / f"samples-{round(self.kimg * 1000):07d}.webp")
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(
                json.dumps({"kimg": round(self.kimg, 4), "time": time.time(), **stats}) + "\n"
            )
        return f"kimg {self.kimg:8.2f}  " + "  ".join(
            f"{name} {value:.3f}" for name, value in stats.items()
        )

    def _step(self) -> dict[str, Tensor]:
        images, labels = next(self.batches)
        batch = len(images)
        z = torch.randn(batch, self.config.generator.z_dim, device=self.device)
        fake_labels = self.data.labels[torch.randint(len(self.data), (batch,), device=self.device)]
        stats = self.objective.step(
            to_float(images), self._one_hot(labels), z, self._one_hot(fake_labels)
        )
        self.kimg += batch / 1000
        self._average(batch)
        return stats

    @torch.no_grad()
    def _average(self, batch: int) -> None:
        half_life = min(self.config.ema_kimg, self.kimg * EMA_RAMPUP)
        decay = 0.5 ** (batch / 1000 / max(half_life, 1e-8))
        own, averaged = list(self.generator.parameters()), list(self.averaged.parameters())
        torch._foreach_lerp_(averaged, own, 1 - decay)
        for target, source in zip(self.averaged.buffers(), self.generator.buffers(), strict=True):
            target.copy_(source)

    @torch.no_grad()
    def draw_samples(self, path: Path) -> None:
        """A grid of the averaged generator: a class to each row, a latent to each column, the same
        at every tick."""
        classes = max(self.config.generator.classes, 1)
        z = torch.randn(GRID_COLUMNS, self.config.generator.z_dim, generator=self._random()).to(
            self.device
        )
        rows = []
        for label in range(classes):
            c = self._one_hot(torch.full((GRID_COLUMNS,), label, device=self.device))
            images = self.averaged(z, c, noise="const", dtype=self.dtype)
            rows.append(torch.cat(list(images), dim=2))
        grid = torch.cat(rows, dim=1).add(1).mul(127.5).round().clamp(0, 255).byte()
        Image.fromarray(grid.permute(1, 2, 0).cpu().numpy()).save(path, quality=90)

    def save(self) -> None:
        """Write the checkpoint of this moment over the last one."""
        parts = {
            "G": self.generator.state_dict(),
            "G_ema": self.averaged.state_dict(),
            **self.objective.state(),
        }
        state = Checkpoint(self.config, self.kimg, self.data.classes, parts)
        checkpoint.save(state, self.folder / "checkpoint.safetensors")

    def _one_hot(self, labels: Tensor) -> Tensor | None:
        classes = self.config.generator.classes
        return F.one_hot(labels, classes).float() if classes else None

    def _random(self, offset: int = 0) -> torch.Generator:
        return torch.Generator().manual_seed(self.config.seed + offset)

    def _batches(self, size: int, seed: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        return dataset.batches(self.data, size, self._random(seed))


def to_float(images: Tensor) -> Tensor:
    """Pictures of uint8 to [-1, 1]."""
    return images.float() / 127.5 - 1


def _on_device(data: dataset.SkyData, device: torch.device) -> dataset.SkyData:
    return replace(data, images=data.images.to(device), labels=data.labels.to(device))


def _restored(source: Checkpoint, part: str) -> Generator:
    generator = Generator(source.config.generator)
    generator.load_state_dict(source.parts[part])
    return generator


@torch.no_grad()
def _shrink_colour(generator: Generator) -> None:
    for name, parameter in generator.named_parameters():
        if name.endswith("torgb.weight"):
            parameter.mul_(INITIAL_RGB_SCALE)
