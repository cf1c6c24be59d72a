"""`experiment`: several models trained alike but for one thing, and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console

HOME = Path(__file__).parents[1] / "experiments"


def experiment(
    name: Annotated[str, typer.Argument(help="folder in training/experiments")],
    data: Annotated[
        Path, typer.Option(help="folder of the data sets and the feature network it names")
    ],
    runs: Annotated[
        Path | None, typer.Option(help="folder of the run folders; without: runs/NAME")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="without: config.json in the folder of NAME")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="folder of the results; without: NAME's")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="base or an arm (its run folder's name), may be repeated; without: all. Several "
            "processes can so share an experiment"
        ),
    ] = None,
    report_only: Annotated[
        bool, typer.Option("--report", help="train nothing, write what there is so far")
    ] = False,
) -> None:
    """Run an experiment from where it stopped, and write its table, plot and grids.

    Ctrl-C saves the run at hand. The results are written anew after every arm.
    """
    from training.experiments import config as configs
    from training.experiments import report, run
    from training.experiments.floor import real_floor
    from training.experiments.results import curves

    folder = HOME / name
    plan = configs.load(config or folder / "config.json", data, runs or Path("runs") / name)
    output = output or folder
    if not output.is_dir():
        raise ValueError(f"--output: {output} is not a folder")

    def write(arm: configs.Arm) -> None:
        report.draw(plan, arm, output)
        report.write(plan, real_floor(arm.config), output)

    if report_only:
        for curve in curves(plan.arms):
            write(curve.arm)
    else:
        run.run(plan, console, write, only or ())
    console.print(output / "results.md", highlight=False, soft_wrap=True)
