"""What a run leaves behind: options, a log, TensorBoard events, sample grids, checkpoints.

options.json            every option
log.jsonl               a JSON object for each tick
events.out.tfevents.*   the same figures, and the grids, for TensorBoard
samples-<shown>.webp    the averaged generator; the same latents at every tick
checkpoint.safetensors  the last tick
best.safetensors        the tick with the least KID, if it is measured
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F
from torch.utils.tensorboard.writer import SummaryWriter

from training import checkpoint
from training.batches import to_pixels
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.dataset import SkyData
from training.network import Generator
from training.seeds import Stream, seeded

if TYPE_CHECKING:
    from training.kid import KidProbe

LAST, BEST = "checkpoint.safetensors", "best.safetensors"
GRID_COLUMNS = 8
GRID_ROWS = 16  # at most: a class to each
ANY_ROWS = 4  # of an unconditional generator


class RunFolder:
    """The folder of a run that begins, or goes on when it is resumed.

    Raises ValueError for one that holds another run's checkpoint, or that cannot be written.
    """

    def __init__(self, config: TrainConfig, data: SkyData, resumed: bool) -> None:
        self.config, self.path = config, Path(config.run)
        self.last, self.best = self.path / LAST, self.path / BEST
        require_free(self.path, resumed)
        self.probe = _probe(config, data) if config.metric_features else None
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "options.json").write_text(config.to_json())
            self.least_kid, self.measured = self._read_log()
            self.events = SummaryWriter(str(self.path))

    def keep(
        self, state: Checkpoint, stats: dict[str, float], generator: Generator, dtype: torch.dtype
    ) -> dict[str, float]:
        """Save, log and draw a tick; returns what was measured besides."""
        shown = round(state.kimg * 1000)
        measured = {}
        due = state.kimg // self.config.metric_kimg
        if self.probe and (due > self.measured or state.kimg >= self.config.kimg):
            measured = self.probe(generator, dtype)
            self.measured = due
        checkpoint.save(state, self.last)
        if measured.get("kid", math.inf) < self.least_kid:
            self.least_kid = measured["kid"]
            checkpoint.save(state, self.best)
        with self._writing():
            self._log(shown, stats | measured)
            self._draw(shown, sample_grid(generator, self.config.seed, dtype))
        return measured

    def close(self) -> None:
        """Finish the events file."""
        self.events.close()

    def _log(self, shown: int, stats: dict[str, float]) -> None:
        with (self.path / "log.jsonl").open("a") as log:
            log.write(json.dumps({"kimg": shown / 1000, "time": time.time(), **stats}) + "\n")
        for name, value in stats.items():
            self.events.add_scalar(name, value, shown)
        self.events.flush()

    def _draw(self, shown: int, grid: NDArray[np.uint8]) -> None:
        Image.fromarray(grid).save(self.path / f"samples-{shown:07d}.webp", quality=90)
        self.events.add_image("samples", grid, shown, dataformats="HWC")

    def _read_log(self) -> tuple[float, float]:
        """The least KID so far, and how many times `metric_kimg` had passed when it was last
        measured."""
        log = self.path / "log.jsonl"
        if not (log.exists() and self.best.exists()):
            return math.inf, -1
        lines = map(json.loads, log.read_text().splitlines())
        measured = [line for line in lines if "kid" in line]
        least = min((line["kid"] for line in measured), default=math.inf)
        return least, max(
            (line["kimg"] for line in measured), default=-1
        ) // self.config.metric_kimg

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ValueError(f"{self.path}: cannot be written: {error}") from error


def _probe(config: TrainConfig, data: SkyData) -> KidProbe:
    from training.kid import KidProbe  # its libraries take two seconds to load

    return KidProbe(config, data)


def require_free(folder: Path, resumed: bool) -> None:
    """Raise ValueError for a folder with a checkpoint that a new run would write over."""
    last = folder / LAST
    if last.exists() and not resumed:
        raise ValueError(
            f"{folder}: holds the checkpoint of a run; go on with it (--resume {last}) or choose "
            "another folder"
        )


@torch.no_grad()
def sample_grid(generator: Generator, seed: int, dtype: torch.dtype) -> NDArray[np.uint8]:
    """Pictures of a class to each row, a latent to each column: (height, width, 3), the same
    latents at every call."""
    classes, device = generator.config.classes, generator.mapping.w_avg.device
    rows = min(classes, GRID_ROWS) or ANY_ROWS
    random = seeded(seed, Stream.GRID)
    z = torch.randn(ANY_ROWS, GRID_COLUMNS, generator.config.z_dim, generator=random).to(device)
    drawn = []
    for row in range(rows):
        label = torch.full((GRID_COLUMNS,), row, device=device)
        c = F.one_hot(label, classes).float() if classes else None
        images = generator(z[0 if classes else row], c, noise="const", dtype=dtype)
        drawn.append(np.concatenate(to_pixels(images), axis=1))
    return np.concatenate(drawn)
