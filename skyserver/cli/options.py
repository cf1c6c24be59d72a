"""Options that several commands have, each described once. `request.check` looks at the values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from skyserver.clouds import CLOUD_TYPES
from skyserver.orientation import ORIENTATIONS
from skyserver.request import BELOWS, FACE_SIZES, FORMATS, LAYOUTS, METHODS, PANORAMA_WIDTHS


def choice(name: str, allowed: Iterable[str], help: str) -> Any:
    """Return an option of one value out of several, which the shell completes."""
    values = list(allowed)

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return typer.Option(name, metavar="|".join(values), autocompletion=complete, help=help)


def complete_cloud(incomplete: str) -> list[tuple[str, str]]:
    """Return code and name of the cloud types whose code or name begins like `incomplete`."""
    start = incomplete.casefold()
    return [
        (cloud.code, cloud.name)
        for cloud in CLOUD_TYPES
        if cloud.code.casefold().startswith(start) or cloud.name.startswith(start)
    ]


def _sizes(sizes: Iterable[int]) -> str:
    return ", ".join(map(str, sizes))


OutputPath: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        help="File to write, replaced if it exists; the suffix is the format: "
        f"{', '.join(FORMATS)}. A folder with --layout faces.",
    ),
]
Layout: TypeAlias = Annotated[str, choice("--layout", LAYOUTS, "What to make of the sky.")]
Size: TypeAlias = Annotated[
    int | None,
    typer.Option(
        help=f"Pixels: the width of a panorama ({_sizes(PANORAMA_WIDTHS)}; by default 2048) or the "
        f"edge of a cube face ({_sizes(FACE_SIZES)}; by default 512).",
    ),
]
Format: TypeAlias = Annotated[
    str | None, choice("--format", FORMATS, "Of the files in a folder, by default png.")
]
Orientation: TypeAlias = Annotated[
    str, choice("--orientation", ORIENTATIONS, "The engine the output is for.")
]
Method: TypeAlias = Annotated[
    str, choice("--method", METHODS, "How flat pictures become a circle.")
]
Below: TypeAlias = Annotated[
    str, choice("--below", [*BELOWS, "#rrggbb"], "What is below the horizon.")
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(help="A model file; with --server the name or digest of one of its models."),
]
Server: TypeAlias = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Let a running server do the work.")
]
Threads: TypeAlias = Annotated[int, typer.Option(min=0, help="Processor cores to use, 0 for all.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
