"""Options that are lists: numbers and ranges, classes, sources of styles; and checks by name."""

from __future__ import annotations

import re

from skyserver.request import MAX_SEED, PSI_RANGE
from training.looking.source import Source

MAX_COUNT = 1024  # numbers in one option


def require(name: str, given: object, condition: bool, allowed: str) -> None:
    """Raise ValueError that names an option unless `condition` holds."""
    if not condition:
        raise ValueError(f"--{name}: {given!r} is not allowed; allowed: {allowed}")


def check_psi(psi: float) -> None:
    """Truncation within what skyserver allows."""
    low, high = PSI_RANGE
    require("psi", psi, low <= psi <= high, f"{low} to {high}")


def numbers(name: str, text: str, highest: int) -> list[int]:
    """`0-5,42` to its numbers, each from 0 to `highest`."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,20})(?:-(\d{1,20}))?", part.strip(), re.ASCII)
        require(name, text, match is not None, "numbers and ranges, as in 0-5,42")
        assert match is not None
        first, last = int(match[1]), int(match[2] or match[1])
        require(name, part, first <= last <= highest, f"rising, from 0 to {highest}")
        require(name, part, last - first + len(found) < MAX_COUNT, f"at most {MAX_COUNT} numbers")
        found += range(first, last + 1)
    return found


def codes(text: str) -> list[str]:
    """`Cu,Cb` to its class codes; nothing to none."""
    return [code.strip() for code in text.split(",") if code.strip()]


def sources(name: str, text: str) -> list[Source]:
    """`Cu:1,Cb:2`, or `1,2` for an unconditional model, to its sources."""
    found = []
    for part in text.split(","):
        code, _, seed = part.strip().rpartition(":")
        found += [Source(code, number) for number in numbers(name, seed, MAX_SEED)]
    return found


def stops(classes: list[str], seeds: list[int]) -> list[Source]:
    """Classes and seeds in pairs; a single one of either serves all of the other."""
    count = max(len(classes), len(seeds))
    for name, given in (("classes", classes), ("seeds", seeds)):
        require(name, len(given), len(given) in (1, count), f"1 or {count}, as many as the other")
    require("classes", count, count >= 2, "at least two classes or seeds to walk between")
    return [Source(classes[i % len(classes)], seeds[i % len(seeds)]) for i in range(count)]
