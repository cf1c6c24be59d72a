"""`metrics`: how near a model is to real pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def measure(
    model: Annotated[Path, typer.Argument(help="model file (ONNX)")],
    data: Annotated[Path, typer.Option(help="data set archive with the real pictures")],
    features: Annotated[Path, typer.Option(help="ONNX feature network")],
    count: Annotated[int, typer.Option(help="generated pictures")] = 1105,
    psi: Annotated[float, typer.Option(help="truncation")] = 1.0,
    seed: int = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="JSON file to write")
    ] = None,
) -> None:
    """FD, KID and diversity of a model against real pictures, with the real set's own figures
    beside them."""
    from training.evaluate import evaluate

    evaluate(model, data, features, count, psi, seed, output, console)
