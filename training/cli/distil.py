"""`distil`: a checkpoint to one whose weights fit few bits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def distil(
    source: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="checkpoint of a training run")
    ],
    bits: Annotated[int, typer.Option(help="of a weight, 2 to 8")],
    kimg: Annotated[float, typer.Option(help="length: thousands of pictures drawn")],
    run: Annotated[Path, typer.Option(help="folder for the log and the checkpoint")],
    block: Annotated[
        int, typer.Option(help="about so many weights share a step, below 8 bits")
    ] = 32,
    batch: Annotated[int, typer.Option(help="pictures a step")] = 8,
    lr: Annotated[
        float, typer.Option(help="share of its size by which a weight moves in a step, at first")
    ] = 1e-3,
    seed: int = 0,
) -> None:
    """Train the weights of a generator for few bits, on its own pictures: no data is needed.

    The same command goes on with a run that was stopped. `export` and `quantize --method intN` with
    the same bits and block make a model file of the checkpoint.
    """
    from training.quantize import distil_run
    from training.quantize.distil import Options

    options = Options(bits=bits, kimg=kimg, block=block, batch=batch, lr=lr, seed=seed)
    written = distil_run.run(source, run, options, console)
    console.print(f"{written}: to be exported and quantized as int{bits}", highlight=False)
