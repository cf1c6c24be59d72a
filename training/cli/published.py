"""`import-pkl`: a published network file to a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def import_pkl(
    source: Annotated[
        Path, typer.Argument(metavar="PKL", help="StyleGAN2-ADA PyTorch network file")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="checkpoint to write")],
    classes: Annotated[str, typer.Option(help="names of its classes, in order: Ac,As,Cb,...")] = "",
) -> None:
    """Make a checkpoint of a published StyleGAN2-ADA network, to train on from or to export.

    The file is read as data: no code in it runs.
    """
    from training import checkpoint, published

    names = [name.strip() for name in classes.split(",") if name.strip()]
    imported = published.import_pickle(source, names)
    checkpoint.save(imported.checkpoint, output)
    shape = imported.checkpoint.config.generator
    parts = imported.checkpoint.parts
    kind = f"{shape.classes} classes" if shape.classes else "unconditional"
    for note in imported.notes:
        console.print(note, highlight=False, markup=False)
    console.print(
        f"{output}: {', '.join(parts)} of {shape.resolution}², {kind}, z {shape.z_dim}, "
        f"w {shape.w_dim}, {shape.mapping_layers} mapping layers",
        highlight=False,
    )
