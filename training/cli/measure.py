"""`metrics`: how near a model is to real pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def measure(
    model: Annotated[Path, typer.Argument(help="model file (ONNX)")],
    data: Annotated[Path, typer.Option(help="data set archive with the real pictures")],
    features: Annotated[
        Path,
        typer.Option(help="feature network, ONNX or TorchScript; FID is inception-2015-12-05.pt's"),
    ],
    count: Annotated[int, typer.Option(help="generated pictures")] = 1105,
    psi: Annotated[float, typer.Option(help="truncation of pictures; skyboxes have 0.8")] = 1.0,
    seed: int = 0,
    threads: Annotated[int, typer.Option(help="processor cores, 0 for all")] = 0,
    quick: Annotated[bool, typer.Option(help="no skyboxes and no path length")] = False,
    panoramas: Annotated[
        Path | None, typer.Option(help="folder of real panoramas to compare the views with")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="folder for features of real pictures, instead of the user's"),
    ] = None,
    neighbours: Annotated[
        Path | None, typer.Option(help="picture to write: samples beside the nearest real ones")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="JSON file to write")
    ] = None,
) -> None:
    """Measure a model against real pictures, with the real set's own figures beside it.

    Frechet distance, KID, precision, recall, diversity; whether pictures show the class asked for;
    whether they are copies; path length; and views of finished skyboxes.
    """
    from training.evaluate import Options, evaluate
    from training.metrics.cache import default_folder

    options = Options(
        model=model,
        data=data,
        features=features,
        cache=cache or default_folder(),
        count=count,
        psi=psi,
        seed=seed,
        threads=threads,
        quick=quick,
        panoramas=panoramas,
        output=output,
        picture=neighbours,
    )
    evaluate(options, console)
