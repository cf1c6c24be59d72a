"""`bytes`: what the bytes of a model file feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console


def show_bytes(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="ONNX files")],
) -> None:
    """Count the bytes of model files by the operators that they feed.

    Weight-only quantizers for language models look at MatMul with a constant weight alone.
    """
    from training.quantize.inventory import read, table

    for path in models:
        model = read(path)
        opsets = (entry.version for entry in model.opset_import if not entry.domain)
        opset = next(opsets, "unknown")
        title = f"{path.name}: {model.ByteSize() / 1e6:.2f} MB, opset {opset}"
        console.print(table(model, title))
