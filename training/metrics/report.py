"""What the `metrics` command finds, as it is saved and as it is printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from training.metrics.neighbours import Nearness
from training.metrics.probe import Obedience
from training.metrics.scores import Scores
from training.metrics.skybox_views import ViewScores

DIGITS = 4  # behind the point, in the file


@dataclass(frozen=True)
class ClassReport:
    """Figures of one cloud type beside those of as many real pictures of it."""

    model: Scores
    real: Scores
    obedience: Obedience
    real_obedience: Obedience


@dataclass(frozen=True)
class Report:
    """All figures of one model file.

    `distance` says what fd is called in this feature space. Each row of `scores` is a set of
    pictures against real ones; `views` and `path_length` are absent from a quick report.
    """

    features: str
    distance: str
    psi: float
    seed: int
    model_digest: str
    scores: dict[str, Scores]
    obedience: dict[str, Obedience]
    neighbours: Nearness
    classes: dict[str, ClassReport]
    path_length: float | None = None
    views: dict[str, ViewScores] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Nested dictionaries with rounded figures; the rows of `scores` stand at the top."""
        plain = dataclasses.asdict(self)
        rows = plain.pop("scores")
        return _rounded({**plain, **rows})

    def tables(self) -> Iterator[Table]:
        """Tables for a terminal."""
        yield _scores(self)
        yield _obedience(self)
        yield _classes(self)
        if self.views:
            yield _views(self)

    def sentences(self) -> Iterator[str]:
        """What needs no table."""
        near = self.neighbours
        yield (
            f"Nearest real picture: {near.median:.2f} away in the median, {near.smallest:.2f} at"
            f" least (between real ones {near.real_median:.2f} and {near.real_smallest:.2f});"
            f" {near.suspect:.1%} nearer than 95 % of real ones are."
        )
        if self.path_length is not None:
            yield f"Perceptual path length in z, on these features: {self.path_length:.1f}"


def _scores(report: Report) -> Table:
    table = _table("", "n", report.distance, "KID x 1000", "precision", "recall", "diversity")
    for name, row in report.scores.items():
        coverage = f"{row.precision:.0%}", f"{row.recall:.0%}"
        distances = f"{row.fd:.1f}", f"{row.kid:.1f}"
        table.add_row(name, str(row.count), *distances, *coverage, f"{row.diversity:.2f}")
    return table


def _obedience(report: Report) -> Table:
    table = _table("the class is named by a linear probe", "first", "in three")
    for name, row in report.obedience.items():
        table.add_row(name, f"{row.top1:.1%}", f"{row.top3:.1%}")
    return table


def _classes(report: Report) -> Table:
    headings = (report.distance, "KID", "precision", "recall", "named first", "in three")
    table = _table("", "n", *headings, title="by class, in brackets as many real pictures")
    for code, row in report.classes.items():
        model, real = row.model, row.real
        named, real_named = row.obedience, row.real_obedience
        table.add_row(
            code,
            str(model.count),
            f"{model.fd:.0f} ({real.fd:.0f})",
            f"{model.kid:.0f} ({real.kid:.0f})",
            f"{model.precision:.0%} ({real.precision:.0%})",
            f"{model.recall:.0%} ({real.recall:.0%})",
            f"{named.top1:.0%} ({real_named.top1:.0%})",
            f"{named.top3:.0%} ({real_named.top3:.0%})",
        )
    return table


def _views(report: Report) -> Table:
    table = _table("views of", "n", "skies", f"view {report.distance}", "view KID x 1000")
    for name, row in report.views.items():
        table.add_row(name, str(row.count), str(row.skies), f"{row.fd:.1f}", f"{row.kid:.1f}")
    return table


def _table(*headings: str, title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=title, title_justify="left")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    return table


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value
