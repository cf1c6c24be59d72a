"""What a checkpoint draws: the pictures of its exported model, from torch.

Seeds are skyserver's (docs/seed.md) and truncation pulls towards the average of the class, so a
class, seed and psi give here the picture that the exported model gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skyserver.latents import latent
from training import checkpoint
from training.batches import to_pixels
from training.loop import pick_device
from training.network import Generator
from training.truncation import class_averages

Pictures = NDArray[np.uint8]
BATCH = 16  # pictures drawn at a time


class Sampler:
    """A generator with the codes of its classes, [] where it is unconditional."""

    def __init__(self, generator: Generator, classes: list[str]) -> None:
        self.generator = generator.to(pick_device()).eval().requires_grad_(False)
        self.classes = classes if generator.config.classes else []
        self.averages = class_averages(self.generator)

    @classmethod
    def load(cls, path: Path) -> Sampler:
        """Of the averaged generator of a checkpoint; ValueError names a file that is none."""
        source = checkpoint.load(path)
        return cls(source.generator("G_ema"), source.classes)

    @property
    def device(self) -> torch.device:
        """Where its tensors are."""
        return self.averages.device

    def check_class(self, code: str) -> None:
        """Raise ValueError for a class that it does not draw; "" is that of an unconditional
        one."""
        known = self.classes or [""]
        if code not in known:
            allowed = ", ".join(self.classes) or "none: the model is unconditional"
            raise ValueError(f"class: {code!r} is not allowed; allowed: {allowed}")

    def weights(self, code: str) -> Tensor:
        """Class weights (classes,) of a class's code: one-hot; [1] where there are no classes."""
        self.check_class(code)
        index = self.classes.index(code) if self.classes else 0
        return torch.eye(len(self.averages), device=self.device)[index]

    def latent(self, seed: int) -> Tensor:
        """Latent (z_dim,) of a seed: skyserver's for a single picture."""
        return torch.from_numpy(latent(seed, 0, self.generator.config.z_dim)).to(self.device)

    @torch.no_grad()
    def styles(self, z: Tensor, c: Tensor, psi: float) -> Tensor:
        """Truncated styles (n, w_dim) of latents z (n, z_dim) and class weights c (n, classes)."""
        w = self.generator.mapping(z, c if self.classes else None)
        return (c @ self.averages).lerp(w, psi)

    def style(self, code: str, seed: int, psi: float) -> Tensor:
        """Truncated style (w_dim,) of one class and seed."""
        return self.styles(self.latent(seed)[None], self.weights(code)[None], psi)[0]

    def every_layer(self, w: Tensor) -> Tensor:
        """Styles (n, w_dim) given to all layers: (n, num_ws, w_dim)."""
        return w[:, None].expand(-1, self.generator.config.num_ws, -1)

    @torch.no_grad()
    def frames(self, ws: Tensor) -> Iterator[NDArray[np.uint8]]:
        """Pictures (resolution, resolution, 3) uint8 of styles (n, num_ws, w_dim), one by one."""
        for batch in torch.split(ws, BATCH):
            yield from to_pixels(self.generator.synthesis(batch, noise="const"))

    def draw(self, ws: Tensor, on_picture: Callable[[], None] = lambda: None) -> Pictures:
        """Pictures (n, resolution, resolution, 3) uint8 of styles (n, num_ws, w_dim)."""
        pictures = []
        for picture in self.frames(ws):
            pictures.append(picture)
            on_picture()
        return np.stack(pictures)
