"""Options that several commands have, each described once. `request.check` looks at the values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from skyserver.backends import BACKENDS
from skyserver.clouds import CLOUD_TYPES
from skyserver.orientation import ORIENTATIONS
from skyserver.request import BELOWS, FACE_SIZES, FORMATS, LAYOUTS, METHODS, PANORAMA_WIDTHS


def choice(name: str, allowed: Iterable[str], help: str) -> Any:
    """Return an option of one value out of several, which the shell completes."""
    values = list(allowed)

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    text = f"{help} One of {', '.join(values)}."
    return typer.Option(name, metavar="NAME", autocompletion=complete, help=text)


def complete_cloud(incomplete: str) -> list[tuple[str, str]]:
    """Return codes and names of cloud types that begin so, each with the other to explain it."""
    codes = [(cloud.code, cloud.name) for cloud in CLOUD_TYPES]
    names = [(cloud.name, cloud.code) for cloud in CLOUD_TYPES]
    return [entry for entry in codes + names if entry[0].startswith(incomplete)]


def _sizes(sizes: Iterable[int]) -> str:
    return ", ".join(map(str, sizes))


OutputPath: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="PATH",
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
    str, choice("--below", [*BELOWS, "a colour #rrggbb"], "Below the horizon.")
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(help="A model file; with --server the name or digest of one of its models."),
]
Server: TypeAlias = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Let a running server do the work.")
]
TokenFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="With --server: the token that it asks for; by default that of SKYSERVER_TOKEN.",
    ),
]
Ca: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|public",
        help="With --server: connect with TLS, and trust these authorities (PEM), or those that"
        " everybody trusts.",
    ),
]
Certificate: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --ca: the own certificate (PEM), for mutual TLS."),
]
Key: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --certificate: its private key (PEM).")
]
Threads: TypeAlias = Annotated[
    int, typer.Option(min=0, metavar="<int>", help="Processor cores to use, 0 for all.")
]
Backend: TypeAlias = Annotated[
    str,
    choice("--backend", BACKENDS, "What computes the pictures; auto takes the best that is here."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
