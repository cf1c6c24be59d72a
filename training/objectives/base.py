"""What the games share: fakes, augmentation, the ramp of the class signal, path length
regularisation, and what a checkpoint holds of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from training import checkpoint
from training.augmentation import EVERY, PUBLISHED, AdaptiveAugment, DifferentiableAugment
from training.config import TrainConfig
from training.network import Generator
from training.regularise import PATH_INTERVAL, PathLengthPenalty, lazy_adam, mixed_styles

Parts = dict[str, dict[str, Tensor]]
Stats = dict[str, Tensor]
PACKAGED = "features.network."  # frozen weights that come from their package, not from checkpoints


class Objective(ABC):
    """One game between `generator` and `discriminator`.

    Where the class signal is ramped (Shahbazi et al. 2022, arXiv 2201.06578) the discriminator
    gives two kinds of logits, (batch, 2, ...), without classes and with them, and every loss is
    L_u + lambda L_c; else one kind, (batch, 1, ...).
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: nn.Module,
        config: TrainConfig,
        dtype: torch.dtype,
        opt_d: torch.optim.Optimizer,
    ) -> None:
        device = next(generator.parameters()).device
        self.generator, self.discriminator = generator, discriminator
        self.config, self.dtype, self.opt_d = config, dtype, opt_d
        self.trained = [p for p in discriminator.parameters() if p.requires_grad]
        self.augment = _augmentation(config)
        self.path_penalty = PathLengthPenalty(device)
        interval = PATH_INTERVAL if config.pl_weight else 0
        self.opt_g = lazy_adam(generator.parameters(), config.lr_g, interval)
        self.class_strength = 1.0  # lambda
        self.steps = 0
        self.progress(0.0)

    @abstractmethod
    def step(self, reals: Tensor, c_real: Tensor | None, z: Tensor, c_fake: Tensor | None) -> Stats:
        """Update both players; reals (batch, 3, r, r) in [-1, 1], z (batch, z_dim), class weights
        (batch, classes).

        Returns what to log.
        """

    def progress(self, kimg: float) -> None:
        """Say how long the run is, before a step: lambda grows with it."""
        if self.config.ramp_kimg:
            self.class_strength = min(kimg / self.config.ramp_kimg, 1.0)
            self.generator.mapping.class_strength.fill_(self.class_strength)

    def _fakes(self, z: Tensor, c: Tensor | None) -> Tensor:
        """Pictures (batch, 3, r, r) to train on; the average style follows."""
        ws = mixed_styles(self.generator, z, c, self.config.style_mixing)
        self.generator.mapping.track_average(ws[:, 0])
        fakes: Tensor = self.generator.synthesis(ws, dtype=self.dtype)
        return fakes

    def _joint(self, values: Tensor) -> Tensor:
        """Logits or losses of two kinds (batch, 2, ...) as u + lambda c; of one as they are."""
        if values.shape[1] == 1:
            return values[:, 0]
        return values[:, 0] + self.class_strength * values[:, 1]

    def _after_step(self, real: Tensor, z: Tensor, c: Tensor | None) -> Stats:
        """Adapt the augmentation to logits on reals, and pay for path lengths every few steps."""
        stats: Stats = {}
        if isinstance(self.augment, AdaptiveAugment):
            self.augment.observe(self._joint(real))
            stats["ada_p"] = torch.tensor(self.augment.p)
        if self.config.pl_weight and self.steps % PATH_INTERVAL == 0:
            stats["path"] = self._regularise_paths(z, c)
        self.steps += 1
        return stats

    def _regularise_paths(self, z: Tensor, c: Tensor | None) -> Tensor:
        """In float32, on half of the batch, as a second derivative takes the memory of two."""
        half = (len(z) + 1) // 2
        c = None if c is None else c[:half]
        ws = mixed_styles(self.generator, z[:half], c, self.config.style_mixing)
        penalty = self.path_penalty(self.generator.synthesis(ws), ws)
        update(self.opt_g, penalty * (self.config.pl_weight * PATH_INTERVAL))
        return penalty

    @contextmanager
    def _discriminator_held(self) -> Iterator[None]:
        """No gradients for the discriminator while the generator is updated."""
        for parameter in self.trained:
            parameter.requires_grad_(False)
        yield
        for parameter in self.trained:
            parameter.requires_grad_(True)

    def state(self) -> Parts:
        """Everything but the generator that a checkpoint holds."""
        weights = self.discriminator.state_dict()
        augment = self.augment.state() if isinstance(self.augment, AdaptiveAugment) else {}
        return {
            "D": {k: v for k, v in weights.items() if not k.startswith(PACKAGED)},
            "opt_g": checkpoint.flatten_optimizer(self.opt_g),
            "opt_d": checkpoint.flatten_optimizer(self.opt_d),
            "augment": augment,
            "regularise": {"steps": torch.tensor(self.steps), "path": self.path_penalty.mean},
        }

    def resume(self, parts: Parts) -> None:
        """Go on exactly where a checkpoint of the same run stopped."""
        missing, unexpected = self.discriminator.load_state_dict(parts["D"], strict=False)
        wrong = [name for name in missing if not name.startswith(PACKAGED)] + unexpected
        if wrong:
            raise ValueError(f"the checkpoint's discriminator does not fit: {wrong[0]}")
        checkpoint.restore_optimizer(self.opt_g, parts["opt_g"])
        checkpoint.restore_optimizer(self.opt_d, parts["opt_d"])
        if isinstance(self.augment, AdaptiveAugment) and "augment" in parts:
            self.augment.restore(parts["augment"])
        if "regularise" in parts:
            self.steps = int(parts["regularise"]["steps"])
            self.path_penalty.mean.copy_(parts["regularise"]["path"])

    def initialise(self, parts: Parts) -> None:
        """Start from another run's discriminator as far as it fits, with new optimizers."""
        own = self.discriminator.state_dict()
        given = parts.get("D", {})
        fitting = {k: v for k, v in given.items() if k in own and own[k].shape == v.shape}
        self.discriminator.load_state_dict(fitting, strict=False)


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step of `optimizer` down the gradient of `loss`."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def is_transitional(config: TrainConfig) -> bool:
    """Whether the class signal is ramped, which needs classes and a discriminator with two kinds of
    logits; ValueError where there are none."""
    if not config.ramp_kimg:
        return False
    shape = config.generator
    if not shape.classes or shape.hyper_rank:
        raise ValueError(
            f"ramp_kimg: {config.ramp_kimg:g} is not allowed "
            f"{'with hyper-modulation' if shape.classes else 'without classes'}; allowed: 0"
        )
    return True


def _augmentation(config: TrainConfig) -> Callable[[Tensor], Tensor]:
    operations = {"ada": PUBLISHED, "ada-full": EVERY}.get(config.augment)
    if operations:
        return AdaptiveAugment(config.ada_target, config.ada_kimg, operations)
    return DifferentiableAugment() if config.augment == "diffaugment" else nn.Identity()
