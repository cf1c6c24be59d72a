"""Where a style comes from."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """A class and a seed; the code of an unconditional model's class is ""."""

    code: str
    seed: int

    def __str__(self) -> str:
        return f"{self.code} {self.seed}".strip()
