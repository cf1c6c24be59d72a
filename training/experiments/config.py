"""What an experiment compares: a base model, and arms that train from it or from scratch.

    {"options": {...}, "base": {...}, "arms": [{"title": "...", "options": {...}}, ...],
     "seeds": [...]}

`options` are those of `python -m training train`, the same for all; those of the base and of an arm
come on top. `data` and `metric_features` are names of files in the data folder. `seeds` are those
of the arms' grids. An arm may carry `reported_fid`, the figure that somebody else found, to compare
the order with.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from skyserver.request import MAX_SEED
from training.config import TrainConfig
from training.presets import SHAPE, configure

OPTIONS = {*SHAPE, *(field.name for field in fields(TrainConfig))} - {"run", "generator"}
FILES = ("data", "metric_features")
KEYS = {"options", "base", "arms", "seeds"}
ARM_KEYS = {"title", "options", "reported_fid"}


@dataclass(frozen=True)
class Arm:
    """One run, and what it is called in tables."""

    title: str
    config: TrainConfig
    reported_fid: float | None = None

    @property
    def slug(self) -> str:
        """The title as the name of a file or folder."""
        return slug(self.title)


@dataclass(frozen=True)
class Experiment:
    """A base and the arms, with the seeds of the arms' grids."""

    base: Arm
    arms: list[Arm]
    seeds: list[int]


def load(path: Path, data: Path, runs: Path) -> Experiment:
    """Read and check an experiment whose files are in `data` and whose runs go to `runs`.

    Raises ValueError that names the file and what is wrong in it.
    """
    try:
        values = json.loads(path.read_text())
        _check_keys(values, KEYS, required=KEYS)
        shared = values["options"]
        base = Arm("base", _config({**shared, **values["base"]}, data, runs / "base"))
        arms = [_arm(entry, shared, data, runs) for entry in values["arms"]]
        experiment = Experiment(base, arms, _seeds(values["seeds"]))
        _check_slugs(experiment)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error
    return experiment


def slug(title: str) -> str:
    """Lower case, with hyphens for all that is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _arm(entry: dict[str, Any], shared: dict[str, Any], data: Path, runs: Path) -> Arm:
    _check_keys(entry, ARM_KEYS, required={"title", "options"})
    title = str(entry["title"])
    try:
        config = _config({**shared, **entry["options"]}, data, runs / slug(title))
    except ValueError as error:
        raise ValueError(f"arm {title!r}: {error}") from error
    if not config.metric_features:
        raise ValueError(f"arm {title!r}: metric_features: needed to measure it")
    return Arm(title, config, entry.get("reported_fid"))


def _config(options: dict[str, Any], data: Path, run: Path) -> TrainConfig:
    _check_keys(options, OPTIONS, required={"data", "kimg"})
    files = {name: str(data / options[name]) for name in FILES if options.get(name)}
    for name, file in files.items():
        if not Path(file).is_file():
            raise ValueError(f"{name}: {file} is not there")
    return configure({**options, **files, "run": str(run)})


def _seeds(values: list[int]) -> list[int]:
    for seed in values:
        if type(seed) is not int or not 0 <= seed <= MAX_SEED:
            raise ValueError(f"seeds: {seed!r} is not allowed; allowed: 0 to {MAX_SEED}")
    return values


def _check_keys(values: dict[str, Any], allowed: set[str], required: set[str]) -> None:
    for name in sorted(required - values.keys()):
        raise ValueError(f"{name!r} is missing")
    for name in sorted(values.keys() - allowed):
        raise ValueError(f"{name!r} is not allowed; allowed: {', '.join(sorted(allowed))}")


def _check_slugs(experiment: Experiment) -> None:
    slugs = [arm.slug for arm in [experiment.base, *experiment.arms]]
    for name in slugs:
        if not name or slugs.count(name) > 1:
            raise ValueError(f"arms: {name!r} is not allowed; allowed: titles that all differ")
