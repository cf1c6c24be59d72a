"""A batch without processes, and what every finished one must be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from skyserver import pipeline
from skyserver.batch.drawing import Drawing, Entry, draw_sky
from skyserver.model import SkyModel
from skyserver.request import SkyRequest


def draw_here(drawing: Drawing, seeds: Iterable[int]) -> Generator[Entry]:
    """The same work without processes."""
    for seed in seeds:
        yield draw_sky(drawing, seed)


def entries_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of a manifest below its header."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()[1:]]


def assert_whole(folder: Path, seeds: range, model: Path, request: SkyRequest) -> None:
    """Neither gap nor duplicate nor litter, and each sky is the one that its seed gives."""
    entries = entries_of(folder)
    assert sorted(entry["seed"] for entry in entries) == list(seeds)
    listed = {folder / file["path"]: file for entry in entries for file in entry["files"]}
    there = {path for path in folder.glob("*/**/*") if path.is_file()}
    assert there == set(listed)
    for path, file in listed.items():
        data = path.read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    loaded = SkyModel.load(model, 1, "cpu")
    for entry in (entries[0], entries[-1]):
        sky = pipeline.generate(loaded, replace(request, seed=entry["seed"]))
        drawn = [(folder / file["path"]).read_bytes() for file in entry["files"]]
        assert drawn == [artifact.data for artifact in sky.artifacts]
