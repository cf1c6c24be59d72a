"""`export`: a checkpoint to a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


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
    cloud: Annotated[
        str, typer.Option(help="this class alone, baked into constant weights (hyper-modulation)")
    ] = "",
) -> None:
    """Write the averaged generator of a checkpoint as a model file that skyserver serves."""
    import json

    from training import checkpoint, export, hyper

    loaded = checkpoint.load(source)
    generator, classes = loaded.generator("G_ema"), loaded.classes
    if cloud:
        generator, classes = hyper.bake_one(generator, classes, cloud), [cloud]
    facts: dict[str, object] = {
        "kimg": round(loaded.kimg, 2),
        "discriminator": loaded.config.discriminator,
    }
    facts["data"] = data or Path(loaded.config.data).name
    if metrics:
        measured = json.loads(metrics.read_text())
        measured.pop("classes", None)  # figures by class would be most of what the file says
        facts["metrics"] = measured
    error = export.export(generator, export.ModelFacts(name, classes, licence, facts), output)
    size = output.stat().st_size / 1e6
    console.print(
        f"{output}: {size:.1f} MB, differs from torch by at most {error:.1g}", highlight=False
    )
