"""`skyserver bench`: which model file, on which backend, with how many cores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from skyserver.backends import BACKENDS
from skyserver.bench import ROUNDS_BESIDES, Candidate, Measured, machine, measure
from skyserver.cli import options
from skyserver.cli.progress import progress_bar
from skyserver.model import default_file

Backends: TypeAlias = Annotated[
    list[str] | None,
    options.choice("--backend", BACKENDS, "What computes the pictures; again for more."),
]
Threads: TypeAlias = Annotated[
    list[int] | None,
    typer.Option(min=0, metavar="<int>", help="Processor cores, 0 for all; again for more."),
]
Runs: TypeAlias = Annotated[int, typer.Option(min=1, help="Pictures of each that are timed.")]


def bench(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Model files; without: the default model.")
    ] = None,
    backend: Backends = None,
    threads: Threads = None,
    runs: Runs = 20,
    as_json: options.Json = False,
) -> None:
    """Measure models side by side: time, processor time, memory, size.

    Every file with every --backend and every number of --threads. They take turns picture by
    picture, so that the ratios hold on a busy machine; `speed` is against the first.
    """
    measured = measure_all(candidates(files, backend, threads), runs)
    if as_json:
        typer.echo(json.dumps({"machine": machine(), "candidates": [*map(facts, measured)]}))
        return
    show([cells(one, measured[0]) for one in measured], runs)


def candidates(
    files: list[Path] | None, backends: list[str] | None, threads: list[int] | None
) -> list[Candidate]:
    """Return every combination, the first of each first."""
    chosen = product(files or [Path(str(default_file()))], backends or ["auto"], threads or [0])
    return [Candidate(*choice) for choice in chosen]


def measure_all(wanted: Sequence[Candidate], runs: int) -> list[Measured]:
    """Return what `bench.measure` does, with a bar meanwhile."""
    total = len(wanted) * (runs + ROUNDS_BESIDES)
    done = 0
    with progress_bar() as progress:

        def drawn() -> None:
            nonlocal done
            done += 1
            progress("drawing", done / total)

        return measure(wanted, runs, drawn)


def facts(one: Measured) -> dict[str, object]:
    """Return all figures of a candidate, for JSON: seconds and bytes."""
    return {
        **asdict(one),
        "median": one.median,
        "p95": one.p95,
        "pictures_per_second": one.pictures_per_second,
    }


def cells(one: Measured, first: Measured) -> dict[str, str]:
    """Return the row of a candidate: heading to text."""
    memory = "not known here" if one.peak_bytes is None else f"{one.peak_bytes / 1e6:.0f}"
    return {
        "model": Path(one.file).name,
        "backend": one.backend,
        "threads": str(one.threads or "all"),
        "MB": f"{one.file_bytes / 1e6:.1f}",
        "load s": f"{one.load_seconds:.2f}",
        "memory MB": memory,
        "median ms": f"{1000 * one.median:.1f}",
        "p95 ms": f"{1000 * one.p95:.1f}",
        "pictures /s": f"{one.pictures_per_second:.1f}",
        "CPU s": f"{one.cpu_seconds:.3f}",
        "speed": f"{one.speed_against(first):.2f}",
    }


def show(rows: Sequence[dict[str, str]], runs: int) -> None:
    """Print rows of the same headings as a table on stdout, with the machine's name."""
    from rich import box
    from rich.console import Console, JustifyMethod
    from rich.table import Table

    table = Table(box=box.SIMPLE, padding=0)
    for heading in rows[0]:
        justify: JustifyMethod = "left" if heading in ("model", "backend") else "right"
        table.add_column(heading.replace(" ", "\n"), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    console = Console()
    if not console.is_terminal:
        console.width = 200  # nothing that reads it would cut it
    console.print(table)
    typer.echo(f"{machine()}; in turns, {runs} of each")
