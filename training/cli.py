"""Commands: dataset, train.

Options are checked before anything is loaded; errors are one line.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.config import TrainConfig
from training.network import GeneratorConfig

app = typer.Typer(
    help="Train and export models for skyserver.", no_args_is_help=True, add_completion=False
)
console = Console(stderr=False)


@app.command("dataset")
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


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="data set archive")],
    run: Annotated[Path, typer.Option(help="folder for the log, samples and checkpoint")],
    kimg: Annotated[
        float,
        typer.Option(help="length: thousands of real pictures shown, counted over all stages"),
    ],
    resolution: Annotated[int, typer.Option(help="edge of the pictures")] = 64,
    discriminator: Annotated[str, typer.Option(help="projected or stylegan2")] = "projected",
    resume: Annotated[
        Path | None,
        typer.Option(help="go on from this checkpoint, with its options in place of those below"),
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(help="start from this checkpoint's networks, at its resolution or twice it"),
    ] = None,
    z_dim: int = 128,
    w_dim: int = 128,
    mapping_layers: int = 2,
    mapping_lr: float = 0.01,
    channel_base: int = 2048,
    channel_max: int = 128,
    latent_input: Annotated[
        bool, typer.Option(help="draw the 4x4 input from the latent too")
    ] = False,
    batch: int = 16,
    lr_g: float = 2e-3,
    lr_d: float = 5e-4,
    r1_gamma: float = 1.0,
    ada_target: float = 0.6,
    ema_kimg: float = 2.0,
    tick_kimg: float = 1.0,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16")] = "auto",
    seed: int = 0,
) -> None:
    """Train a generator, or go on with one."""
    from training import checkpoint
    from training.loop import Training

    if resume and init:
        raise ValueError("--resume and --init: only one of them is allowed")
    config = TrainConfig(
        data=str(data),
        run=str(run),
        kimg=kimg,
        generator=GeneratorConfig(
            resolution=resolution,
            z_dim=z_dim,
            w_dim=w_dim,
            mapping_layers=mapping_layers,
            mapping_lr=mapping_lr,
            channel_base=channel_base,
            channel_max=channel_max,
            latent_input=latent_input,
        ),
        discriminator=discriminator,
        batch=batch,
        lr_g=lr_g,
        lr_d=lr_d,
        r1_gamma=r1_gamma,
        ada_target=ada_target,
        ema_kimg=ema_kimg,
        tick_kimg=tick_kimg,
        precision=precision,
        seed=seed,
    )
    resumed = checkpoint.load(resume) if resume else None
    initial = checkpoint.load(init) if init else None
    if resumed:
        config = replace(resumed.config, data=str(data), run=str(run), kimg=kimg)
    if initial:
        shape = replace(initial.config.generator, resolution=resolution)
        config = replace(config, generator=shape)
    console.print(config.to_json(), highlight=False)
    Training(config, resumed, initial).run(console)


@app.command("export")
def export_model(
    source: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="checkpoint of a training run")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="ONNX file to write")],
    name: Annotated[str, typer.Option(help="name that the model goes by")] = "clouds",
    licence: Annotated[
        str, typer.Option(help="licence of the weights, and of what they were trained on")
    ] = "unknown",
    data: Annotated[str, typer.Option(help="what it was trained on, in words")] = "",
    metrics: Annotated[
        Path | None, typer.Option(help="JSON that `metrics` wrote, to store in the file")
    ] = None,
) -> None:
    """Write the averaged generator of a checkpoint as a model file that skyserver serves."""
    import json

    from training import checkpoint, export
    from training.network import Generator

    loaded = checkpoint.load(source)
    generator = Generator(loaded.config.generator)
    generator.load_state_dict(loaded.parts["G_ema"])
    facts: dict[str, object] = {
        "kimg": round(loaded.kimg, 2),
        "discriminator": loaded.config.discriminator,
    }
    facts["data"] = data or Path(loaded.config.data).name
    if metrics:
        facts["metrics"] = json.loads(metrics.read_text())
    error = export.export(
        generator, export.ModelFacts(name, loaded.classes, licence, facts), output
    )
    size = output.stat().st_size / 1e6
    console.print(
        f"{output}: {size:.1f} MB, differs from torch by at most {error:.1g}", highlight=False
    )


@app.command("metrics")
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


def main() -> None:
    """Run the command line; a ValueError is the user's mistake and becomes one line.

    SIGTERM ends a run as Ctrl-C does, with a checkpoint.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(standalone_mode=True)
    except ValueError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
