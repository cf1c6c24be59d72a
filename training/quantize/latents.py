"""Inputs of generated pictures: what a quantizer calibrates on and is measured with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from skyserver.errors import NotFound
from skyserver.model_info import ModelInfo

Feed = dict[str, NDArray[np.float32]]
OnStep = Callable[[int, int], None]  # steps done of how many


def feeds(info: ModelInfo, count: int, seed: int, classes: Sequence[str] = ()) -> list[Feed]:
    """Inputs of `count` pictures of each class (each of the codes `classes`, where there are any).

    Each is one picture, with psi 1 and a fresh latent that all layers share.

    Raises NotFound for a class that the model does not know.
    """
    codes = [cloud.code for cloud in info.classes]
    for code in classes:
        if code not in codes:
            raise NotFound("classes", code, codes)
    rng = np.random.default_rng(seed)
    rows = np.eye(len(codes), dtype=np.float32)
    return [
        {
            "z": np.repeat(rng.standard_normal((1, 1, info.z_dim), np.float32), info.layers, 1),
            "c": rows[[codes.index(code)]],
            "psi": np.ones(1, np.float32),
        }
        for _ in range(count)
        for code in classes or codes
    ]
