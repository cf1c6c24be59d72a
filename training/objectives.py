"""The two adversarial games.

Each owns its discriminator and optimizers and takes one step on a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import checkpoint
from training.augmentation import AdaptiveAugment, DifferentiableAugment
from training.config import TrainConfig
from training.hyper import build_discriminator
from training.network import Generator
from training.projected import ProjectedDiscriminator

Stats = dict[str, float]
ADAM_BETAS = (0.0, 0.99)
RANGE_PENALTY = 20.0  # weight of 20 relu(|x| - 1)²
R1_INTERVAL = 16  # lazy regularisation: R1 on every 16th step


class ProjectedObjective:
    """Hinge loss on projected features.

    The features of one batch of fakes serve both players.
    """

    def __init__(
        self, generator: Generator, config: TrainConfig, dtype: torch.dtype, reals: Tensor
    ) -> None:
        device = reals.device
        self.generator, self.dtype = generator, dtype
        self.discriminator = ProjectedDiscriminator(
            config.generator.resolution, config.generator.classes
        ).to(device)
        self.discriminator.to(memory_format=torch.channels_last)
        self.discriminator.features.calibrate(reals)
        self.augment = DifferentiableAugment()
        self.opt_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=ADAM_BETAS)
        self.opt_d = torch.optim.Adam(
            self.discriminator.heads.parameters(), lr=config.lr_d, betas=ADAM_BETAS
        )

    def step(
        self, reals: Tensor, c_real: Tensor | None, z: Tensor, c_fake: Tensor | None
    ) -> dict[str, Tensor]:
        """Update both players; reals (batch, 3, r, r) in [-1, 1], z (batch, z_dim).

        Returns what to log.
        """
        fakes = _draw(self.generator, z, c_fake, self.dtype)
        fake_features = self._features(fakes)
        with torch.no_grad():
            real_features = self._features(reals)

        real = self._judge(real_features, c_real)
        fake = self._judge([f.detach() for f in fake_features], c_fake)
        loss_d = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        _update(self.opt_d, loss_d)

        self.discriminator.heads.requires_grad_(False)
        out_of_range = RANGE_PENALTY * F.relu(fakes.abs() - 1).square().mean()
        loss_g = -self._judge(fake_features, c_fake).mean() + out_of_range
        _update(self.opt_g, loss_g)
        self.discriminator.heads.requires_grad_(True)
        return {
            "loss_d": loss_d,
            "loss_g": loss_g,
            "real": real.mean(),
            "fake": fake.mean(),
            "range": out_of_range,
        }

    def _features(self, images: Tensor) -> list[Tensor]:
        return self.discriminator.features(self.augment(images).to(self.dtype))

    def _judge(self, features: list[Tensor], c: Tensor | None) -> Tensor:
        device = features[0].device.type
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            return self.discriminator(features, c)

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Everything but the generator that a checkpoint holds; the frozen network comes from its
        package."""
        weights = self.discriminator.state_dict()
        return {
            "D": {k: v for k, v in weights.items() if not k.startswith("features.network.")},
            "opt_g": checkpoint.flatten_optimizer(self.opt_g),
            "opt_d": checkpoint.flatten_optimizer(self.opt_d),
        }

    def resume(self, parts: dict[str, dict[str, Tensor]]) -> None:
        """Go on exactly where a checkpoint of the same run stopped."""
        _load(self.discriminator, parts["D"], but="features.network.")
        checkpoint.restore_optimizer(self.opt_g, parts["opt_g"])
        checkpoint.restore_optimizer(self.opt_d, parts["opt_d"])

    def initialise(self, parts: dict[str, dict[str, Tensor]]) -> None:
        """Start from another run's discriminator as far as it fits, with new optimizers."""
        _load_fitting(self.discriminator, parts["D"])


class StyleGAN2Objective:
    """Non-saturating logistic loss with lazy R1 and adaptive augmentation: the StyleGAN2-ADA
    game."""

    def __init__(
        self, generator: Generator, config: TrainConfig, dtype: torch.dtype, reals: Tensor
    ) -> None:
        self.generator, self.dtype, self.gamma = generator, dtype, config.r1_gamma
        self.discriminator = (
            build_discriminator(config.generator)
            .to(reals.device)
            .to(memory_format=torch.channels_last)
        )
        self.augment = AdaptiveAugment(config.ada_target, config.ada_kimg)
        self.opt_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=ADAM_BETAS)
        # lazy regularisation [StyleGAN2, app. B]: the optimizer sees R1 once in 16 steps
        ratio = R1_INTERVAL / (R1_INTERVAL + 1)
        betas = (ADAM_BETAS[0] ** ratio, ADAM_BETAS[1] ** ratio)
        self.opt_d = torch.optim.Adam(
            self.discriminator.parameters(), lr=config.lr_g * ratio, betas=betas
        )
        self.steps = 0

    def step(
        self, reals: Tensor, c_real: Tensor | None, z: Tensor, c_fake: Tensor | None
    ) -> dict[str, Tensor]:
        """Update both players; reals (batch, 3, r, r) in [-1, 1], z (batch, z_dim).

        Returns what to log.
        """
        fakes = _draw(self.generator, z, c_fake, self.dtype)

        self.discriminator.requires_grad_(False)
        loss_g = F.softplus(-self._judge(fakes, c_fake)).mean()
        _update(self.opt_g, loss_g)
        self.discriminator.requires_grad_(True)

        real, fake = self._judge(reals, c_real), self._judge(fakes.detach(), c_fake)
        loss_d = F.softplus(-real).mean() + F.softplus(fake).mean()
        _update(self.opt_d, loss_d)
        self.augment.observe(real)
        stats = {
            "loss_d": loss_d,
            "loss_g": loss_g,
            "real": real.mean(),
            "fake": fake.mean(),
            "ada_p": torch.tensor(self.augment.p),
        }
        if self.steps % R1_INTERVAL == 0:
            stats["r1"] = self._regularise(reals, c_real)
        self.steps += 1
        return stats

    def _judge(self, images: Tensor, c: Tensor | None) -> Tensor:
        return self.discriminator(self.augment(images), c, dtype=self.dtype)

    def _regularise(self, reals: Tensor, c: Tensor | None) -> Tensor:
        """R1: gamma / 2 times the squared gradient of the logit on reals, in float32.

        Source: Mescheder et al. 2018, arXiv 1801.04406.
        """
        reals = reals.detach().requires_grad_(True)
        logits = self.discriminator(self.augment(reals), c)
        (gradient,) = torch.autograd.grad(logits.sum(), reals, create_graph=True)
        penalty = gradient.square().sum(dim=(1, 2, 3)).mean()
        _update(self.opt_d, penalty * (self.gamma / 2 * R1_INTERVAL))
        return penalty

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Everything but the generator that a checkpoint holds."""
        return {
            "D": self.discriminator.state_dict(),
            "augment": {**self.augment.state(), "steps": torch.tensor(self.steps)},
            "opt_g": checkpoint.flatten_optimizer(self.opt_g),
            "opt_d": checkpoint.flatten_optimizer(self.opt_d),
        }

    def resume(self, parts: dict[str, dict[str, Tensor]]) -> None:
        """Go on exactly where a checkpoint of the same run stopped."""
        _load(self.discriminator, parts["D"])
        self.augment.restore(parts["augment"])
        self.steps = int(parts["augment"]["steps"])
        checkpoint.restore_optimizer(self.opt_g, parts["opt_g"])
        checkpoint.restore_optimizer(self.opt_d, parts["opt_d"])

    def initialise(self, parts: dict[str, dict[str, Tensor]]) -> None:
        """Start from another run's discriminator as far as it fits, with new optimizers."""
        _load_fitting(self.discriminator, parts["D"])


def _load(module: nn.Module, state: dict[str, Tensor], but: str | None = None) -> None:
    """Load a whole state; only names that begin with `but` may be missing."""
    missing, unexpected = module.load_state_dict(state, strict=False)
    wrong = [name for name in missing if but is None or not name.startswith(but)] + unexpected
    if wrong:
        raise ValueError(f"the checkpoint's discriminator does not fit: {wrong[0]}")


def _load_fitting(module: nn.Module, state: dict[str, Tensor]) -> None:
    """Load what agrees in name and shape."""
    own = module.state_dict()
    fitting = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    module.load_state_dict(fitting, strict=False)


def _draw(generator: Generator, z: Tensor, c: Tensor | None, dtype: torch.dtype) -> Tensor:
    """Fakes (batch, 3, r, r) to train on; the average style follows."""
    w = generator.mapping(z, c)
    generator.mapping.track_average(w)
    ws = w[:, None].expand(-1, generator.config.num_ws, -1)
    return generator.synthesis(ws, dtype=dtype)


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


OBJECTIVES = {"projected": ProjectedObjective, "stylegan2": StyleGAN2Objective}
