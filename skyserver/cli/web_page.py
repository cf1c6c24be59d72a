"""`skyserver web-page`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skyserver.model import SkyModel
from skyserver.site import write_copy


def web_page(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where; made if it is missing."),
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Model file; again for more, the first is the default one."),
    ] = None,
) -> None:
    """Write the web page with its models as files, for any web server or host of static pages."""
    files: list[Path | None] = [*model] if model else [None]
    count = write_copy(output, [SkyModel.load(file) for file in files])
    typer.echo(f"{output}  {count} files")
