"""What a command says once its files are written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from skyserver.pipeline import Result


def report(paths: Iterable[Path], result: Result, facts: dict[str, Any], as_json: bool) -> None:
    """Print the files on stdout: one a line, or all with `facts` as a JSON object."""
    files = list(zip(map(str, paths), result.artifacts, strict=True))
    if as_json:
        listed = [
            {
                "path": path,
                "media_type": artifact.media_type,
                "width": artifact.width,
                "height": artifact.height,
                "bytes": len(artifact.data),
            }
            for path, artifact in files
        ]
        sun = None if result.sun is None else asdict(result.sun)
        typer.echo(json.dumps({"files": listed, **facts, "sun": sun, "seconds": result.seconds}))
        return
    for path, artifact in files:
        typer.echo(f"{path}  {artifact.width} x {artifact.height}")
