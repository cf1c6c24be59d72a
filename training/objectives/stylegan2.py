"""Non-saturating logistic loss with lazy R1: the game of StyleGAN2-ADA (Karras et al. 2020, arXiv
2006.06676)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from training.config import TrainConfig
from training.discriminator import Discriminator
from training.hyper import ClasswiseDiscriminator, barlow_twins
from training.network import Generator
from training.objectives.base import Objective, Stats, is_transitional, update
from training.regularise import R1_INTERVAL, gradient_penalty, lazy_adam


class StyleGAN2Objective(Objective):
    """Both networks learn at the rate `lr_g`."""

    discriminator: Discriminator

    def __init__(
        self, generator: Generator, config: TrainConfig, dtype: torch.dtype, reals: Tensor
    ) -> None:
        shape = config.generator
        transitional = is_transitional(config)
        discriminator = (
            ClasswiseDiscriminator(shape)
            if shape.hyper_rank
            else Discriminator(shape, transitional=transitional)
        )
        discriminator.to(reals.device).to(memory_format=torch.channels_last)
        discriminator.freeze(config.freeze_d)
        trained = [p for p in discriminator.parameters() if p.requires_grad]
        opt_d = lazy_adam(trained, config.lr_g, R1_INTERVAL if config.r1_gamma else 0)
        super().__init__(generator, discriminator, config, dtype, opt_d)

    def step(self, reals: Tensor, c_real: Tensor | None, z: Tensor, c_fake: Tensor | None) -> Stats:
        """See `Objective.step`."""
        fakes = self._fakes(z, c_fake)
        with self._discriminator_held():
            loss_g = self._joint(F.softplus(-self._judge(fakes, c_fake))).mean()
            update(self.opt_g, loss_g)

        real, fake = self._judge(reals, c_real), self._judge(fakes.detach(), c_fake)
        loss_d = self._joint(F.softplus(-real)).mean() + self._joint(F.softplus(fake)).mean()
        stats: Stats = {}
        if self.config.twins_weight:
            stats["twins"] = barlow_twins(self._describe(reals), self._describe(reals))
            loss_d = loss_d + self.config.twins_weight * stats["twins"]
        update(self.opt_d, loss_d)
        stats |= {
            "loss_d": loss_d,
            "loss_g": loss_g,
            "real": self._joint(real).mean(),
            "fake": self._joint(fake).mean(),
        }
        if self.config.r1_gamma and self.steps % R1_INTERVAL == 0:
            stats["r1"] = self._regularise(reals, c_real)
        return stats | self._after_step(real, z, c_fake)

    def _judge(self, images: Tensor, c: Tensor | None) -> Tensor:
        logits: Tensor = self.discriminator(self.augment(images), c, dtype=self.dtype)
        return logits

    def _describe(self, images: Tensor) -> Tensor:
        """Features under a random augmentation."""
        return self.discriminator.describe(self.augment(images), self.dtype)

    def _regularise(self, reals: Tensor, c: Tensor | None) -> Tensor:
        """R1 on what reaches the augmentation, in float32."""
        reals = reals.detach().requires_grad_(True)
        logits = self.discriminator(self.augment(reals), c)
        penalty = gradient_penalty(self._joint(logits), reals)
        update(self.opt_d, penalty * (self.config.r1_gamma / 2 * R1_INTERVAL))
        return penalty
