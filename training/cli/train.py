"""`train`: options to a run.

Each field of the configuration is an option. What is not given comes from the preset, or from the
checkpoint that is resumed. All are checked before anything is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from training import presets, transfer
from training.cli.console import console
from training.cli.fields import with_an_option_for_each_field
from training.config import TrainConfig
from training.network import GeneratorConfig

SPELLED_OUT = ("data", "run", "kimg", "generator", "conditional", "classes", "hyper_rank")


@with_an_option_for_each_field(GeneratorConfig, TrainConfig, besides=SPELLED_OUT)
def train(
    *,
    data: Annotated[Path, typer.Option(help="data set archive")],
    run: Annotated[Path, typer.Option(help="folder for the log, samples and checkpoints")],
    kimg: Annotated[
        float,
        typer.Option(help="length: thousands of real pictures shown, counted over all stages"),
    ],
    preset: Annotated[
        str, typer.Option(help=f"options to begin with: {', '.join(presets.PRESETS)}")
    ] = "",
    resume: Annotated[
        Path | None, typer.Option(help="go on from this checkpoint, with its options")
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(
            help="start from this checkpoint's networks: at its resolution or twice it, or with "
            "--transfer as far as they fit"
        ),
    ] = None,
    conditional: Annotated[
        bool | None,
        typer.Option("--conditional/--unconditional", help="use or ignore the data set's classes"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="check everything, try two steps, write nothing")
    ] = False,
    **options: Any,
) -> None:
    """Train a generator, or go on with one.

    Options come from the preset or, without one, from the checkpoint; those given by name go before
    them. Started by `torchrun`, the processes share each batch.
    """
    from training import checkpoint, distributed, runfolder
    from training.loop import Training
    from training.rehearsal import rehearse

    given = {
        "conditional": conditional,
        **options,
        "data": str(data),
        "run": str(run),
        "kimg": kimg,
    }
    given = {name: value for name, value in given.items() if value is not None}
    config = presets.configure({**presets.options(preset or presets.DEFAULT), **given})
    if sum(map(bool, (resume, init))) > 1 or (resume and preset):
        raise ValueError("--resume, --init and --preset: --resume goes with none of the others")
    if config.transfer != "none" and not init:
        raise ValueError("--transfer: needs --init, the checkpoint to take from")
    resumed = checkpoint.load(resume) if resume else None
    initial = checkpoint.load(init) if init else None
    if resumed:
        config = presets.configure({**presets.flat(resumed.config), **given})
    elif initial:
        config = presets.configure(
            {**presets.beginning_with(initial.config, preset, given), **given}
        )
    runfolder.require_free(Path(config.run), resumed is not None)
    with distributed.processes():
        out = console if distributed.first() else Console(quiet=True)
        training = Training(config, resumed, initial)
        out.print(training.config.to_json(), highlight=False)
        for table in transfer.tables(training.copied):
            out.print(table)
        if training.kimg >= config.kimg:
            reached = f"allowed: above {training.kimg:g}, where the checkpoint stands"
            raise ValueError(f"kimg: {config.kimg:g} is not allowed; {reached}")
        if dry_run:
            rehearse(training, out)
        else:
            training.run(out)
