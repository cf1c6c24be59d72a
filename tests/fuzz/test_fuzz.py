"""A hundred mutations of each seed, on every run of the tests; harness.py has more."""

from __future__ import annotations

import random

import pytest
from targets import TARGETS

MUTATIONS = 100


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change, repeat, cut out or put in a few bytes, one to four times."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(data))
        end = min(len(data), start + chance.choice([0, 1, 2, 8, len(data)]))
        middle = chance.choice([b"", chance.randbytes(end - start or 2), data[start:end] * 2])
        data = data[:start] + middle + data[end:]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_no_mutation_of_what_is_whole_breaks_a_reader(name: str) -> None:
    target, chance = TARGETS[name], random.Random(name)
    for seed in target.seeds:
        target.run(seed)
        for _ in range(MUTATIONS):
            target.run(mutated(seed, chance))


@pytest.mark.parametrize("name", TARGETS)
def test_noise_breaks_no_reader(name: str) -> None:
    chance = random.Random(name)
    for _ in range(MUTATIONS):
        TARGETS[name].run(chance.randbytes(chance.randint(0, 64)))
