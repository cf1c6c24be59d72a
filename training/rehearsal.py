"""`train --dry-run`: everything is checked and two steps are tried; nothing is written."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from training import distributed, metrics

if TYPE_CHECKING:
    from training.loop import Training


def rehearse(training: Training, console: Console) -> None:
    """Print the sizes of the networks and the data, and the cost of a step.

    The first step warms up and has the lazy penalties; the second is what most of them cost. The
    run is of no use afterwards.
    """
    config = training.config
    if config.metric_features:
        metrics.FeatureNetwork(Path(config.metric_features))
    training.step()
    start = time.perf_counter()
    training.step()
    seconds = time.perf_counter() - start
    networks = {"generator": training.generator, "discriminator": training.objective.discriminator}
    table = Table(show_header=False)
    for name, network in networks.items():
        table.add_row(name, parameters(network))
    table.add_row("data", f"{len(training.data)} pictures, {len(training.classes)} classes")
    precision = str(training.dtype).removeprefix("torch.")
    table.add_row("device", f"{training.device}, {precision}, {distributed.count()} processes")
    table.add_row("a step", f"{seconds:.2f} s for {config.batch} pictures")
    table.add_row("speed", f"{seconds / config.batch * 1000:.1f} s/kimg")
    hours = seconds / config.batch * 1000 * max(config.kimg - training.kimg, 0) / 3600
    table.add_row("the run", f"{hours:.2f} h from {training.kimg:.1f} to {config.kimg:g} kimg")
    table.add_row("peak memory", f"{peak_memory() / 1e6:.0f} MB")
    console.print(table)


def parameters(network: nn.Module) -> str:
    """How many parameters a network has, in words."""
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    frozen = sum(p.numel() for p in network.parameters()) - trained
    return f"{trained:,} parameters" + (f", and {frozen:,} frozen" if frozen else "")


def peak_memory() -> int:
    """The most bytes that were in use so far: of the GPU, or of the process without one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
