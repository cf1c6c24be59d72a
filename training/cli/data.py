"""`dataset`: pictures in, a checked archive out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from training.cli.console import console


def make_dataset(
    source: Annotated[
        Path,
        typer.Argument(help="folders <class>/<picture>, one of pictures alone, or a zip of them"),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="data set archive to write")],
    resolution: Annotated[
        int, typer.Option(min=8, help="edge of the pictures; smaller ones are refused")
    ] = 256,
    above_ground: Annotated[
        bool, typer.Option(help="cut pictures off above the ground that they show")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option(help="leave out pictures that cannot be used, and list them")
    ] = False,
) -> None:
    """Make a checked data set archive.

    The folders of the original CCSN database are read as they are.
    """
    from training import dataset

    show = partial(
        track,
        description="pictures",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    built = dataset.build(source, output, resolution, above_ground, skip_bad, show)
    for reason in built.skipped:
        console.print(f"skipped {reason}", highlight=False, markup=False)
    counts = "  ".join(f"{code} {count}" for code, count in built.counts.items())
    console.print(counts or "unlabelled", highlight=False, markup=False)
    skipped = f", {len(built.skipped)} skipped" if built.skipped else ""
    console.print(f"{built.pictures} pictures in {output}{skipped}", highlight=False)
