"""`export`: a checkpoint, or random weights, to a model file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from skyserver.clouds import CLOUD_TYPES
from training import presets
from training.cli.console import console
from training.cli.fields import with_an_option_for_each_field
from training.cli.parsing import require
from training.network import Generator, GeneratorConfig

RANDOM_PRESET = "stylegan2-512"  # the published network of the report's size


@with_an_option_for_each_field(GeneratorConfig, besides=("classes", "hyper_rank"))
def export_model(
    source: Annotated[
        Path | None, typer.Argument(metavar="CHECKPOINT", help="checkpoint of a training run")
    ] = None,
    *,
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
    form: Annotated[
        str, typer.Option(help="unfused, or fused as published code exports it, to compare with")
    ] = "unfused",
    random: Annotated[
        bool, typer.Option("--random", help="no checkpoint: an untrained network")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="of the untrained network; without: 0")] = None,
    preset: Annotated[
        str, typer.Option(help=f"its shape, but for the options below; without: {RANDOM_PRESET}")
    ] = "",
    **shape: Any,
) -> None:
    """Write the averaged generator of a checkpoint as a model file that skyserver serves.

    With --random instead of a checkpoint: an untrained one of any shape, for its size and speed.
    """
    from training import export

    require("form", form, form in export.FORMS, " or ".join(export.FORMS))
    if random == (source is not None):
        raise ValueError("--random: give a checkpoint or --random, one of the two")
    of_checkpoint = {"data": data, "metrics": metrics, "cloud": cloud}
    of_random = {"seed": seed, "preset": preset, **shape}
    for option, value in (of_checkpoint if random else of_random).items():
        alone = "a checkpoint" if random else "--random"
        require(option.replace("_", "-"), value, value in (None, ""), f"with {alone} alone")
    if source:
        generator, classes, facts = _trained(source, cloud, data, metrics)
    else:
        generator, classes, facts = _untrained(seed or 0, preset or RANDOM_PRESET, shape)
    error = export.export(generator, export.ModelFacts(name, classes, licence, facts), output, form)
    size = output.stat().st_size / 1e6
    console.print(
        f"{output}: {size:.1f} MB, differs from torch by at most {error:.1g}", highlight=False
    )


def _trained(
    source: Path, cloud: str, data: str, metrics: Path | None
) -> tuple[Generator, list[str], dict[str, object]]:
    """The averaged generator of a checkpoint, its classes, and what the file says of it."""
    import json

    from training import checkpoint, hyper

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
    return generator, classes, facts


def _untrained(
    seed: int, preset: str, shape: dict[str, Any]
) -> tuple[Generator, list[str], dict[str, object]]:
    """The same of an untrained network with a class for each cloud type."""
    import torch

    from training import start

    given = {name: value for name, value in shape.items() if value is not None}
    classes = [cloud.code for cloud in CLOUD_TYPES]
    config = replace(presets.shape({**presets.options(preset), **given}), classes=len(classes))
    torch.manual_seed(seed)
    return start.untrained(config), classes, {"kimg": 0, "seed": seed}
