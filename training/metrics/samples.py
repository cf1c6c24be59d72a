"""Pictures drawn from a model file, one fresh latent each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from skyserver.model import SkyModel


def sample(
    model: SkyModel,
    labels: npt.NDArray[np.int64],
    psi: float,
    seed: int,
    on_batch: Callable[[int], None] = lambda _: None,
) -> npt.NDArray[np.uint8]:
    """One picture of a fresh latent for each label (n,): (n, height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    pictures = []
    for label in labels:
        z = rng.standard_normal((1, model.info.z_dim), np.float32)
        pictures.append(to_bytes(draw(model, z, label, psi)))
        on_batch(1)
    return np.concatenate(pictures)


def draw(
    model: SkyModel, z: npt.NDArray[np.float32], label: int, psi: float
) -> npt.NDArray[np.float32]:
    """Pictures (n, height, width, 3) float32 in [0, 1] of latents (n, z_dim), the same at every
    layer."""
    weights = np.eye(len(model.info.classes), dtype=np.float32)[label]
    return model.run(np.repeat(z[:, None], model.info.layers, axis=1), weights, psi)


def to_bytes(image: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """[0, 1] to 0 ... 255, rounded."""
    return np.round(image * 255).astype(np.uint8)
