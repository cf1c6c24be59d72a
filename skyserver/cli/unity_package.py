"""`skyserver unity-package`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skyserver.unity_package import write_tarball


def unity_package(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Where; a tarball of this version is replaced."
        ),
    ] = Path(),
) -> None:
    """Write the Unity package, for `Install package from tarball` in Unity's Package Manager."""
    typer.echo(write_tarball(output))
