"""The workshop's command line: each command in the module of its purpose.

Options are checked before anything is loaded; errors are one line.
"""

from __future__ import annotations

import signal
import sys

import typer

from skyserver.errors import SkyServerError
from training.cli.bench import bench
from training.cli.bits import bits
from training.cli.data import make_dataset
from training.cli.distil import distil
from training.cli.experiment import experiment
from training.cli.export import export_model
from training.cli.inventory import show_bytes
from training.cli.look import grid, mix, project, walk
from training.cli.measure import measure
from training.cli.published import import_pkl
from training.cli.quantize import quantize
from training.cli.train import train

app = typer.Typer(
    help="Train and export models for skyserver.", no_args_is_help=True, add_completion=False
)
app.command("dataset")(make_dataset)
app.command("train")(train)
app.command("import-pkl")(import_pkl)
app.command("metrics")(measure)
app.command("export")(export_model)
app.command("bytes")(show_bytes)
for command in (grid, mix, walk, project, experiment, bench, quantize, distil, bits):
    app.command()(command)


def main() -> None:
    """Run the command line; a ValueError or SkyServerError is the user's mistake: one line.

    SIGTERM ends a run as Ctrl-C does, with a checkpoint.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(standalone_mode=True)
    except (ValueError, SkyServerError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
