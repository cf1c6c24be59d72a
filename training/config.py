"""Options of a training run: checked, printed, saved beside the run and inside each checkpoint."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from training.network import GeneratorConfig

DISCRIMINATORS = ("projected", "stylegan2")
T = TypeVar("T")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class TrainConfig:
    """One run.

    Lengths are in kimg: thousands of real pictures shown to the discriminator.
    """

    data: str
    run: str
    kimg: float
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: str = "projected"
    batch: int = 16
    lr_g: float = 2e-3
    lr_d: float = 5e-4
    r1_gamma: float = 1.0  # weight of the lazy R1 penalty (stylegan2)
    ada_target: float = 0.6  # 0 switches adaptive augmentation off (stylegan2)
    ema_kimg: float = 2.0  # half-life of the averaged generator
    tick_kimg: float = 1.0
    precision: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        _require(
            self.discriminator in DISCRIMINATORS,
            "discriminator",
            self.discriminator,
            ", ".join(DISCRIMINATORS),
        )
        _require(self.precision in PRECISIONS, "precision", self.precision, ", ".join(PRECISIONS))
        _require(self.batch >= 2, "batch", self.batch, "2 or more")
        for name in ("kimg", "lr_g", "lr_d", "ema_kimg", "tick_kimg"):
            value = getattr(self, name)
            _require(value > 0, name, value, "above 0")
        for name in ("r1_gamma", "ada_target"):
            value = getattr(self, name)
            _require(value >= 0, name, value, "0 or more")

    def to_json(self) -> str:
        """As saved in `options.json` and in checkpoints."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Inverse of `to_json`; unknown names are refused by name."""
        values = json.loads(text)
        generator = _construct(GeneratorConfig, values.pop("generator", {}))
        return _construct(cls, {**values, "generator": generator})


def _construct(kind: type[T], values: dict[str, Any]) -> T:
    known = {f.name for f in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(
            f"{kind.__name__}: {unknown[0]!r} is not allowed; allowed: {', '.join(sorted(known))}"
        )
    return kind(**values)


def _require(condition: bool, name: str, given: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"{name}: {given!r} is not allowed; allowed: {allowed}")
