"""Random numbers that depend on the seed of a run, what they are for, and a position, and on
nothing else: what is drawn for one purpose does not move what is drawn for another."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What random numbers are for."""

    ORDER = 0
    FLIP = 1
    LATENTS = 2
    CALIBRATION = 3
    NOISE = 4
    GRID = 5
    KID = 6


def mixed(seed: int, stream: Stream, *position: int) -> int:
    """One seed of 63 bits from a run's seed, a stream and positions, all from 0."""
    (state,) = np.random.SeedSequence((seed, stream, *position)).generate_state(1, np.uint64)
    return int(state >> 1)


def seeded(seed: int, stream: Stream, *position: int) -> torch.Generator:
    """A generator on the CPU with that seed."""
    return torch.Generator().manual_seed(mixed(seed, stream, *position))
