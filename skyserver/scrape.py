"""What a server counted, as it stands in its /metrics, and what that says of a stretch of time.

Histograms are read as PromQL's `rate` and `histogram_quantile` do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Self, TypeAlias

from prometheus_client.parser import text_string_to_metric_families

from skyserver.errors import ServerUnavailable

Labels: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Scrape:
    """All series of a server at one time: `values` by name and labels; `time` in seconds."""

    time: float
    values: Mapping[tuple[str, Labels], float]

    @classmethod
    def read(cls, text: str, time: float) -> Self:
        """Read the text of /metrics.

        Raises:
            ServerUnavailable: it is none, or not that of a SkyServer.

        """
        try:
            values = {
                (
                    sample.name,
                    frozenset((key, _shown(text)) for key, text in sample.labels.items()),
                ): (sample.value)
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            }
        except ValueError:
            raise ServerUnavailable("what it sent are not metrics") from None
        if not any(name.startswith("skyserver_") for name, _ in values):
            raise ServerUnavailable("what it sent are not the metrics of a SkyServer")
        return cls(time, values)

    def series(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """Yield the labels and the value of each series of a metric."""
        for (found, labels), value in self.values.items():
            if found == name:
                yield dict(labels), value

    def labels(self, name: str, label: str) -> list[str]:
        """Return what a label of a metric can be, in the order of the text."""
        return list(dict.fromkeys(labels[label] for labels, _ in self.series(name)))

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the series that have these labels, 0 without any."""
        return sum(value for found, value in self.series(name) if labels.items() <= found.items())


@dataclass(frozen=True)
class Stretch:
    """What happened between two scrapes; without `before` since the server's start."""

    before: Scrape | None
    after: Scrape

    @property
    def seconds(self) -> float:
        """How long it was."""
        start = self.after.value("skyserver_start_time_seconds")
        return max(self.after.time - (start if self.before is None else self.before.time), 1e-3)

    def grown(self, name: str, **labels: str) -> float:
        """Return by how much counters grew, all that have these labels together."""
        now = self.after.value(name, **labels)
        past = 0.0 if self.before is None else self.before.value(name, **labels)
        return now - past if now >= past else now  # the server was started anew

    def rate(self, name: str, **labels: str) -> float:
        """Return by how much they grew in a second."""
        return self.grown(name, **labels) / self.seconds

    def mean(self, name: str, **labels: str) -> float | None:
        """Return the mean of what a histogram observed, None where that is nothing."""
        count = self.grown(f"{name}_count", **labels)
        return self.grown(f"{name}_sum", **labels) / count if count else None

    def quantile(self, share: float, name: str, **labels: str) -> float | None:
        """Return what a `share` (0 to 1) of the observations stays below, None where none were.

        It is as fine as the buckets of the histogram, and never more than their last bound.
        """
        bounds = sorted(self.after.labels(f"{name}_bucket", "le"), key=float)
        below = [(0.0, 0.0)] + [
            (float(bound), self.grown(f"{name}_bucket", le=bound, **labels)) for bound in bounds
        ]
        wanted = share * below[-1][1]
        if not wanted:
            return None
        for (low, fewer), (high, more) in pairwise(below):
            if more >= wanted:
                inside = (wanted - fewer) / (more - fewer)
                return low if high == float("inf") else low + inside * (high - low)
        return None


def _shown(text: str) -> str:
    """A label without what would steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
