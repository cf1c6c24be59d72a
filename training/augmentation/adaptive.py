"""Adaptive discriminator augmentation: the pipeline of StyleGAN2-ADA, applied with a probability
that follows overfitting.

Source: Karras et al. 2020, arXiv 2006.06676, section 3 and appendix B.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from training import distributed
from training.augmentation.bands import filter_bands
from training.augmentation.blit import blit
from training.augmentation.colour import recolour
from training.augmentation.corruption import add_noise, cut_out
from training.augmentation.draws import Draws
from training.augmentation.geometry import transform

Operation = Callable[[Tensor, Draws], Tensor]
# in the order of the pipeline; the paper trains with the first three, as filtering, noise and
# cutout did not help beside them (its figure 4)
PUBLISHED: tuple[Operation, ...] = (blit, transform, recolour)
EVERY: tuple[Operation, ...] = (*PUBLISHED, filter_bands, add_noise, cut_out)
INTERVAL = 4  # steps between two changes of p


class AdaptiveAugment:
    """Augments each picture by its own draws, each with the probability `p`.

    p moves so that r_t, the mean sign of the discriminator's logits on reals, stays at `target`
    [eq. 1]; it can travel from 0 to 1 within `kimg` thousand reals. With a target of 0, p stays.
    """

    def __init__(
        self, target: float = 0.6, kimg: float = 500.0, operations: Sequence[Operation] = PUBLISHED
    ) -> None:
        self.target, self.kimg, self.operations = target, kimg, operations
        self.p = 0.0
        self.signs = torch.zeros([])  # sum of the mean signs since p was last changed
        self.steps = 0  # of that sum

    def __call__(self, images: Tensor) -> Tensor:
        """Pictures (batch, 3, size, size); p = 0 leaves them alone."""
        if self.p == 0:
            return images
        draws = Draws(len(images), self.p, images.device)
        for operation in self.operations:
            images = operation(images, draws)
        return images

    def observe(self, real_logits: Tensor) -> None:
        """Take note of a batch of logits on reals, and change p after every few of them."""
        self.signs = self.signs.to(real_logits.device) + real_logits.detach().sign().mean()
        self.steps += 1
        if self.steps < INTERVAL:
            return
        overfitting = float(distributed.mean(self.signs)) / INTERVAL
        self.signs, self.steps = torch.zeros_like(self.signs), 0
        if self.target:
            reals = len(real_logits) * distributed.count() * INTERVAL
            step = reals / (self.kimg * 1000)
            self.p = min(max(self.p + (step if overfitting > self.target else -step), 0.0), 1.0)

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint holds."""
        p = torch.tensor(self.p, dtype=torch.float64)
        return {"p": p, "signs": self.signs, "steps": torch.tensor(self.steps)}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Inverse of `state`."""
        self.p, self.signs, self.steps = float(state["p"]), state["signs"], int(state["steps"])
