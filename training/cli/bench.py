"""`bench`: size against error against time, for model files, backends and threads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from skyserver.bench import machine
from skyserver.cli import options
from skyserver.cli.bench import Backends, Runs, Threads, candidates, cells, facts, measure_all, show
from skyserver.cli.progress import progress_bar
from training.cli.console import console


def bench(
    files: Annotated[
        list[Path], typer.Argument(help="Model files; the first is what the others are held to.")
    ],
    backend: Backends = None,
    threads: Threads = None,
    runs: Runs = 20,
    pictures: Annotated[
        int, typer.Option(min=1, help="Pictures of each class that the error is measured on.")
    ] = 2,
    plot: Annotated[
        Path | None, typer.Option(help="PNG to write: size, error and time of each.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Measure models as `skyserver bench` does, and their error against the first.

    PSNR of the same latents' pictures, in dB; `levels` is the root mean square of 255.
    """
    from training import tradeoff
    from training.looking.sheet import check_output

    if plot:
        check_output(plot, [".png"])
    wanted = candidates(files, backend, threads)
    with progress_bar() as progress:
        found = tradeoff.errors(
            wanted, pictures, lambda done, total: progress("errors", done / total)
        )
    measured = measure_all(wanted, runs)
    if plot:
        from skyserver.files import write_files

        write_files({plot: tradeoff.plot(measured, found)})
    if as_json:
        rows = [
            {**facts(one), "psnr": error.psnr if error.squared else None, "levels": error.levels}
            for one, error in zip(measured, found, strict=True)
        ]
        typer.echo(json.dumps({"machine": machine(), "candidates": rows}))
        return
    show(
        [
            {
                **cells(one, measured[0]),
                "PSNR dB": f"{error.psnr:.1f}" if error.squared else "same",
                "levels": f"{error.levels:.3f}",
            }
            for one, error in zip(measured, found, strict=True)
        ],
        runs,
    )
    if plot:
        console.print(f"{plot}: size, error and time", highlight=False, soft_wrap=True)
