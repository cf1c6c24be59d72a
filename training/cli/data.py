"""`dataset`: pictures in, a checked archive out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def make_dataset(
    source: Annotated[
        Path, typer.Argument(help="folders <class>/<picture>, or a zip archive of them")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="data set archive to write")],
    resolution: Annotated[
        int, typer.Option(help="edge of the pictures; smaller ones are refused")
    ] = 256,
    above_ground: Annotated[
        bool, typer.Option(help="cut pictures off above the ground that they show")
    ] = False,
) -> None:
    """Make a checked data set archive.

    The folders of the original CCSN database are read as they are.
    """
    from training import dataset

    counts = dataset.build(source, output, resolution, above_ground)
    console.print("  ".join(f"{code} {count}" for code, count in counts.items()), highlight=False)
    console.print(f"{sum(counts.values())} pictures in {output}", highlight=False)
