"""A low-bit student of a trained generator: distillation without data.

The student begins as a copy of the teacher whose weights are codes times learned steps
(`training/quantize/lsq.py`). Both draw the same random latents of all classes, and the student
learns the teacher's pictures: their pixels, and their features in a frozen network.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils import parametrize

from training.checkpoint import flatten_optimizer, restore_optimizer
from training.looking.perceptual import PerceptualDistance
from training.network import Generator, GeneratorConfig
from training.quantize.lsq import LearnedSteps
from training.quantize.targets import SMALLEST
from training.quantize.weights import BITS, block_length
from training.seeds import Stream, seeded

PIXELS = 10.0  # weight of the mean absolute difference, beside the perceptual distance
MIXED = 0.5  # part of the pictures with two latents
SMALLEST_RATE = 1e-3  # of a parameter that is about 0, in learning rates
HELD_OUT = 2  # pictures of each class that the student is measured on


@dataclass(frozen=True)
class Options:
    """How a student is made.

    `kimg` thousands of pictures are drawn, `batch` in a step. Below 8 bits about `block` columns
    share a step, at 8 bits a row does. `lr` is the share of its size by which a parameter moves in
    a step, at first; it falls to 0 as a cosine.
    """

    bits: int
    kimg: float
    block: int = 32
    batch: int = 8
    lr: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "bits": (self.bits in BITS, f"{BITS[0]} to {BITS[-1]}"),
            "kimg": (0 < self.kimg < math.inf, "above 0"),
            "block": (self.block >= 1, "at least 1"),
            "batch": (self.batch >= 1, "at least 1"),
            "lr": (0 < self.lr < math.inf, "above 0"),
            "seed": (self.seed >= 0, "at least 0"),
        }
        for name, (fits, says) in allowed.items():
            if not fits:
                raise ValueError(f"{name}: {getattr(self, name)} is not allowed; allowed: {says}")


class Distillation:
    """A student that learns from `teacher`, `shown` pictures so far.

    `interrupted` is for who runs it (`training/stopping.py`).
    """

    interrupted = False

    def __init__(
        self,
        teacher: Generator,
        options: Options,
        distance: PerceptualDistance | None = None,
    ) -> None:
        """Raises ValueError for a hyper-modulated teacher."""
        if teacher.config.hyper_rank:
            raise ValueError("a hyper-modulated generator: its weights are computed for each class")
        self.teacher = teacher.eval().requires_grad_(False)
        self.options, self.shown = options, 0
        self.device = teacher.mapping.w_avg.device
        self.distance = (distance or PerceptualDistance()).to(self.device)
        self.student = quantized_copy(teacher, options.bits, options.block)
        groups = [
            {"params": [p], "rate": max(float(p.detach().square().mean().sqrt()), SMALLEST_RATE)}
            for p in self.student.parameters()
        ]
        self.optimizer = torch.optim.Adam(groups, lr=options.lr, betas=(0.9, 0.99))

    @property
    def kimg(self) -> float:
        """Thousands of pictures drawn so far."""
        return self.shown / 1000

    def step(self) -> dict[str, float]:
        """One step on fresh latents; returns what it found: `pixels` and `features`."""
        config, batch = self.teacher.config, self.options.batch
        z, c = latents(config, batch, seeded(self.options.seed, Stream.LATENTS, self.shown))
        z, c = z.to(self.device), c.to(self.device)
        with torch.no_grad():
            wanted = draw(self.teacher, z, c)
            features = self.distance.features(wanted.clamp(-1, 1))
        drawn = draw(self.student, z, c)
        pixels = F.l1_loss(drawn, wanted)
        distance = self.distance(self.distance.features(drawn.clamp(-1, 1)), features).mean()
        progress = min(1.0, self.kimg / self.options.kimg)
        for group in self.optimizer.param_groups:
            fallen = 0.5 + 0.5 * math.cos(math.pi * progress)
            group["lr"] = self.options.lr * group["rate"] * fallen
        self.optimizer.zero_grad(set_to_none=True)
        (PIXELS * pixels + distance).backward()
        self.optimizer.step()
        for module in self.student.modules():
            if isinstance(module, parametrize.ParametrizationList):
                module[0].bound(module.original)
        self.shown += batch
        found = {"pixels": float(pixels.detach()), "features": float(distance.detach())}
        if not all(map(math.isfinite, found.values())):
            raise ValueError(f"the student's loss is not finite at {self.kimg:.3f} kimg: {found}")
        return found

    @torch.no_grad()
    def psnr(self) -> float:
        """Of the student's pictures of held-out latents, against the teacher's, in dB."""
        config = self.teacher.config
        random = seeded(self.options.seed, Stream.GRID)
        squares = []
        for index in range(HELD_OUT * max(config.classes, 1)):
            z = torch.randn(1, 1, config.z_dim, generator=random).expand(-1, config.num_ws, -1)
            c = F.one_hot(torch.tensor([index % max(config.classes, 1)]), max(config.classes, 1))
            inputs = z.to(self.device), c.float().to(self.device)
            a, b = (draw(net, *inputs).clamp(-1, 1) for net in (self.student, self.teacher))
            squares.append(F.mse_loss(a, b))
        return float(10 * torch.log10(4 / torch.stack(squares).mean()))

    def quantized(self) -> dict[str, Tensor]:
        """State of a plain generator whose weights are the student's codes times steps."""
        state = self.student.state_dict()
        plain = {name: t for name, t in state.items() if ".parametrizations." not in name}
        for path, module in self.student.named_modules():
            if parametrize.is_parametrized(module):
                names = module.parametrizations
                plain |= {f"{path}.{name}": getattr(module, name).detach() for name in names}
        return plain

    def state(self) -> dict[str, dict[str, Tensor]]:
        """All that it needs to go on, as parts of a checkpoint."""
        return {
            "student": self.student.state_dict(),
            "opt_student": flatten_optimizer(self.optimizer),
            "distillation": {"shown": torch.tensor(self.shown)},
        }

    def resume(self, parts: dict[str, dict[str, Tensor]]) -> None:
        """Go on from what `state` gave."""
        self.student.load_state_dict(parts["student"])
        restore_optimizer(self.optimizer, parts["opt_student"])
        self.shown = int(parts["distillation"]["shown"])


def quantized_copy(generator: Generator, bits: int, block: int) -> Generator:
    """A generator to be trained, whose weights and learned constant are codes times steps.

    They are those that `quantize` stores with so many bits, or with 8 in the mapping network;
    smaller ones stay as they are.
    """
    student = copy.deepcopy(generator).train().requires_grad_(True)
    shared = set(student.mapping.modules())
    for module in list(student.modules()):
        width = 8 if module in shared else bits
        for name, parameter in list(module.named_parameters(recurse=False)):
            size = parameter.numel()
            if name not in ("weight", "const") or size < SMALLEST or size % 8:
                continue
            columns = size // len(parameter)
            length = columns if width == 8 else block_length(columns, block)
            steps = LearnedSteps(parameter, width, length)
            parametrize.register_parametrization(module, name, steps)
    return student


def latents(config: GeneratorConfig, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Latents z (count, layers, z_dim) and classes c (count, classes), one-hot, all equally likely.

    A part `MIXED` of the pictures has another latent from a random layer on.
    """
    layers = config.num_ws
    first, second = torch.randn(2, count, 1, config.z_dim, generator=random)
    crossing = torch.randint(1, layers, (count, 1, 1), generator=random)
    crossing[torch.rand(count, generator=random) >= MIXED] = layers
    z = torch.where(torch.arange(layers)[None, :, None] < crossing, first, second)
    classes = max(config.classes, 1)
    return z, F.one_hot(torch.randint(classes, (count,), generator=random), classes).float()


def draw(generator: Generator, z: Tensor, c: Tensor) -> Tensor:
    """Pictures (n, 3, height, width) at psi 1 of a latent for each layer, as a model file draws
    them; not clamped.

    In float32: bfloat16 rounds more coarsely than many bits do.
    """
    labels = c.repeat_interleave(z.shape[1], dim=0) if generator.config.classes else None
    ws = generator.mapping(z.flatten(0, 1), labels).unflatten(0, z.shape[:2])
    return generator.synthesis(ws, noise="const")
