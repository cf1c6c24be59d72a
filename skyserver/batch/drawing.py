"""One sky of many: drawn, written below the folder, described in a line of the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from skyserver import files, pipeline
from skyserver.errors import ModelError
from skyserver.model import SkyModel
from skyserver.request import SkyRequest

SHARD: Final = 1000  # skies a folder: listing it stays quick on any file system

Entry: TypeAlias = dict[str, Any]
"""A line of the manifest: `seed`, `files` (path, bytes, sha256 of each), `sun`, `backend`."""


@dataclass(frozen=True)
class Drawing:
    """What every worker has to know: skies of `request` and its one output, into `folder`.

    The first sky has the seed of `request`, the others those that follow. `model` is a model file,
    None for the default one, whose digest must be `digest` wherever it is read.
    """

    folder: Path
    request: SkyRequest
    digest: str
    model: Path | None = None
    threads: int = 1
    backend: str = "auto"

    def path_of(self, seed: int) -> Path:
        """Where the sky of a seed goes, a file or a folder of faces; relative to `folder`."""
        (output,) = self.request.outputs
        shard = f"{(seed - self.request.seed) // SHARD:05}"
        return Path(shard, str(seed) if output.layout == "faces" else f"{seed}.{output.format}")


Draw: TypeAlias = Callable[[Drawing, Iterator[int]], Generator[Entry]]
"""Draws the skies of some seeds, in any order, and yields the entry of each once."""


def draw_sky(drawing: Drawing, seed: int) -> Entry:
    """Draw the sky of a seed and write its files, whole or not at all.

    Raises:
        ModelError: the model file cannot be served, or is not the one that the others draw with.
        OutputError: a file cannot be written.

    """
    model = _model(drawing.model, drawing.threads, drawing.backend)
    if model.info.digest != drawing.digest:
        raise ModelError(f"{drawing.model}: not the model that this batch began with")
    result = pipeline.generate(model, replace(drawing.request, seed=seed))
    path, layout = drawing.path_of(seed), drawing.request.outputs[0].layout
    placed = files.place(path, layout, result.artifacts)
    files.write_files({drawing.folder / name: data for name, data in placed.items()})
    return {
        "seed": seed,
        "files": [
            {
                "path": name.as_posix(),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for name, data in placed.items()
        ],
        "sun": None if result.sun is None else asdict(result.sun),
        "backend": model.backend,
    }


@lru_cache(1)
def _model(file: Path | None, threads: int, backend: str) -> SkyModel:
    """Read once in the life of a worker."""
    return SkyModel.load(file, threads, backend)
