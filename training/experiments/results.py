"""What the runs of an experiment measured, from their logs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from training.experiments.config import Arm


@dataclass(frozen=True)
class Measurement:
    """One arm after `kimg`: FD and 1000 x KID against the real set at the run's resolution."""

    kimg: float
    fd: float
    kid: float


@dataclass(frozen=True)
class Curve:
    """The measurements of one arm, in order, and its mean speed."""

    arm: Arm
    points: list[Measurement]
    sec_per_kimg: float

    @property
    def last(self) -> Measurement:
        """Where it ended."""
        return self.points[-1]

    @property
    def best(self) -> Measurement:
        """Its least KID."""
        return min(self.points, key=lambda point: point.kid)


def curves(arms: list[Arm]) -> list[Curve]:
    """Those arms that have measured something, in their order."""
    read = [(arm, _log(Path(arm.config.run) / "log.jsonl")) for arm in arms]
    return [_curve(arm, lines) for arm, lines in read if any("kid" in line for line in lines)]


def _curve(arm: Arm, lines: list[dict[str, float]]) -> Curve:
    """A tick that was computed twice, because the first was not saved, counts as it was last."""
    points = {
        line["kimg"]: Measurement(line["kimg"], line["fd"], line["kid"])
        for line in lines
        if "kid" in line
    }
    speeds = [line["sec_per_kimg"] for line in lines]
    return Curve(arm, [points[kimg] for kimg in sorted(points)], sum(speeds) / len(speeds))


def _log(path: Path) -> list[dict[str, float]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]
