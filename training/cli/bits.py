"""`bits`: a table and a picture of what fewer bits cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console
from training.cli.parsing import codes, require


def bits(
    files: Annotated[
        list[Path], typer.Argument(help="model files; the first is what the others are held to")
    ],
    data: Annotated[Path, typer.Option(help="data set archive with the real pictures")],
    features: Annotated[Path, typer.Option(help="feature network, ONNX or TorchScript")],
    count: Annotated[int, typer.Option(help="pictures of each model")] = 1105,
    quick: Annotated[bool, typer.Option(help="no skyboxes, so no view KID")] = False,
    classes: Annotated[
        str, typer.Option(help="rows of the picture, as in Cu,Cb; all without")
    ] = "",
    seed: int = 0,
    threads: Annotated[int, typer.Option(help="processor cores, 0 for all")] = 0,
    cache: Annotated[
        Path | None,
        typer.Option(help="folder for features of real pictures, instead of the user's"),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="PNG or WebP to write: all of them side by side")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="JSON file to write")
    ] = None,
) -> None:
    """Compare forms of one model: size, error against the first, and nearness to photographs."""
    from rich.progress import Progress

    from skyserver.files import check_writable, write_files
    from training.bits import Forms, table
    from training.evaluate import MIN_COUNT
    from training.looking.sheet import check_output, save
    from training.metrics.cache import default_folder
    from training.metrics.features import FeatureNetwork
    from training.metrics.real import RealSet

    require("count", count, count >= MIN_COUNT, f"at least {MIN_COUNT}")
    require("threads", threads, threads >= 0, "0 or more")
    require("seed", seed, seed >= 0, "0 or more")
    if picture:
        check_output(picture)
    if output:
        check_writable(output, "panorama")
    forms = Forms(files, threads)
    info = forms.models[0].info
    known = [cloud.code for cloud in info.classes]
    shown = codes(classes) or known
    require("classes", classes, set(shown) <= set(known), ", ".join(known))
    network = FeatureNetwork(features, threads)
    with Progress(console=console, transient=True) as progress:

        def stage(description: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(description, total=total)
            return lambda done: progress.advance(task, done)

        real = RealSet(data, known, network, info.height, cache or default_folder(), stage)
        rows = forms.compare(real, network, count, seed, not quick, stage)
    console.print(table(rows))
    if picture:
        save(forms.picture(rows, shown, seed), picture)
    if output:
        write_files({output: json.dumps([asdict(row) for row in rows], indent=2).encode()})
