"""Hinge loss on projected features (Sauer et al. 2021, arXiv 2111.01007)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from training.config import TrainConfig
from training.network import Generator
from training.objectives.base import Objective, Stats, is_transitional, update
from training.projected import ProjectedDiscriminator
from training.regularise import lazy_adam

RANGE_PENALTY = 20.0  # weight of 20 relu(|x| - 1)²


class ProjectedObjective(Objective):
    """The features of one batch of fakes serve both players."""

    discriminator: ProjectedDiscriminator

    def __init__(
        self, generator: Generator, config: TrainConfig, dtype: torch.dtype, reals: Tensor
    ) -> None:
        if config.freeze_d:
            raise ValueError(
                f"freeze_d: {config.freeze_d} is not allowed with the projected discriminator, "
                "whose features are frozen anyway; allowed: 0"
            )
        shape = config.generator
        discriminator = ProjectedDiscriminator(
            shape.resolution, shape.classes, is_transitional(config)
        )
        discriminator.to(reals.device).to(memory_format=torch.channels_last)
        discriminator.features.calibrate(reals)
        opt_d = lazy_adam(discriminator.heads.parameters(), config.lr_d, interval=0)
        super().__init__(generator, discriminator, config, dtype, opt_d)

    def step(self, reals: Tensor, c_real: Tensor | None, z: Tensor, c_fake: Tensor | None) -> Stats:
        """See `Objective.step`."""
        fakes = self._fakes(z, c_fake)
        fake_features = self._features(fakes)
        with torch.no_grad():
            real_features = self._features(reals)

        real = self._judge(real_features, c_real)
        fake = self._judge([f.detach() for f in fake_features], c_fake)
        loss_d = self._joint(F.relu(1 - real)).mean() + self._joint(F.relu(1 + fake)).mean()
        update(self.opt_d, loss_d)

        out_of_range = RANGE_PENALTY * F.relu(fakes.abs() - 1).square().mean()
        with self._discriminator_held():
            judged = self._judge(fake_features, c_fake)
            loss_g = -self._joint(judged).mean() + out_of_range
            update(self.opt_g, loss_g)
        return {
            "loss_d": loss_d,
            "loss_g": loss_g,
            "real": self._joint(real).mean(),
            "fake": self._joint(fake).mean(),
            "range": out_of_range,
        } | self._after_step(real, z, c_fake)

    def _features(self, images: Tensor) -> list[Tensor]:
        features: list[Tensor] = self.discriminator.features(self.augment(images).to(self.dtype))
        return features

    def _judge(self, features: list[Tensor], c: Tensor | None) -> Tensor:
        device = features[0].device.type
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            logits: Tensor = self.discriminator(features, c)
        return logits
