"""The `metrics` command: draw pictures from a model file, compare them with a data set, print and
save."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from skyserver.model import SkyModel
from training import dataset
from training.metrics import FeatureNetwork, Scores, sample, score

REAL_SIZE = 256  # edge at which the real pictures are taken


def evaluate(
    model_path: Path,
    data_path: Path,
    network_path: Path,
    count: int,
    psi: float,
    seed: int,
    output: Path | None,
    console: Console,
) -> None:
    """Print a table of the model's scores above those of two halves of the real set; save JSON to
    `output`."""
    model = SkyModel.load(model_path)
    network = FeatureNetwork(network_path)
    data = dataset.load(data_path, REAL_SIZE)
    labels = data.labels.numpy()
    codes = [cloud.code for cloud in model.info.classes]
    if codes != data.classes:
        raise ValueError(f"{model_path}: draws {codes}, but {data_path} holds {data.classes}")
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("features", total=2 * count + len(data))
        advance = lambda n: progress.advance(task, n)  # noqa: E731
        wanted = np.random.default_rng(seed).choice(labels, count)
        fake = network(sample(model, wanted, psi, seed, advance), advance)
        real = network(data.images.permute(0, 2, 3, 1).numpy(), advance)
    half = np.random.default_rng(seed).permutation(len(real))
    one, other = half[: len(half) // 2], half[len(half) // 2 :]
    rows = {
        "model": score(fake, wanted, real),
        "real, half against half": score(real[one], labels[one], real[other]),
    }
    console.print(_table(rows))
    if output:
        scores = {name: dataclasses.asdict(row) for name, row in rows.items()}
        facts = {
            "features": network_path.name,
            "psi": psi,
            "seed": seed,
            "model_digest": model.info.digest,
        }
        output.write_text(json.dumps({**facts, **scores}, indent=2))


def _table(rows: dict[str, Scores]) -> Table:
    table = Table("", "n", "FD", "KID x 1000", "diversity")
    for name, row in rows.items():
        table.add_row(
            name, str(row.count), f"{row.fd:.1f}", f"{row.kid:.1f}", f"{row.diversity:.2f}"
        )
    return table
