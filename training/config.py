"""Options of a training run: checked, printed, saved beside the run and inside each checkpoint."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, TypeVar

from training.network import GeneratorConfig

T = TypeVar("T")
CHOICES = {
    "discriminator": ("projected", "stylegan2"),
    "augment": ("none", "ada", "ada-full", "diffaugment"),
    "transfer": ("none", "g", "d", "gd", "hyper"),
    "precision": ("auto", "float32", "bfloat16"),
}
POSITIVE = ("kimg", "lr_g", "lr_d", "ada_kimg", "ema_kimg", "tick_kimg", "metric_kimg")
NOT_NEGATIVE = (
    "r1_gamma",
    "pl_weight",
    "twins_weight",
    "freeze_d",
    "ramp_kimg",
    "ema_rampup",
    "seed",
)
FRACTIONS = ("style_mixing", "ada_target")


def option(default: T, says: str) -> T:
    """A field with a line for the command line's help."""
    value: T = field(default=default, metadata={"help": says})
    return value


@dataclass(frozen=True)
class TrainConfig:
    """One run; each field is an option of `python -m training train`.

    Lengths are in kimg: thousands of real pictures shown to the discriminator.
    """

    data: str
    run: str
    kimg: float
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    conditional: bool = option(True, "use the data set's classes, or ignore them")
    discriminator: str = option("projected", "projected or stylegan2")
    batch: int = option(16, "pictures a step, over all processes")
    lr_g: float = option(2e-3, "learning rate, for both networks with stylegan2")
    lr_d: float = option(5e-4, "learning rate of the projected discriminator")
    r1_gamma: float = option(1.0, "weight of the lazy R1 penalty (stylegan2)")
    pl_weight: float = option(0.0, "weight of the path length penalty; 2 is the published one")
    twins_weight: float = option(
        0.0, "weight of the Barlow Twins loss of hyper-modulation (stylegan2); 0.01 is published"
    )
    style_mixing: float = option(0.0, "part of the fakes with two latents; 0.9 is the published")
    augment: str = option("diffaugment", "none, ada, ada-full (all operations) or diffaugment")
    ada_target: float = option(0.6, "mean sign of the logits on reals that ada steers to; 0: off")
    ada_kimg: float = option(500.0, "in which ada's p can travel from 0 to 1")
    freeze_d: int = option(0, "blocks of the discriminator that stay, from the picture on")
    transfer: str = option("none", "what to take from --init: none, g, d, gd or hyper")
    ramp_kimg: float = option(
        0.0, "in which the class signal grows to full; 0: full from the start"
    )
    ema_kimg: float = option(2.0, "half-life of the averaged generator")
    ema_rampup: float = option(0.05, "the half-life is at most this part of the run; 0: no bound")
    tick_kimg: float = option(1.0, "between two checkpoints")
    metric_features: str = option("", "ONNX feature network: the best checkpoint by KID is kept")
    metric_kimg: float = option(5.0, "between two measurements of KID")
    precision: str = option("auto", "auto, float32 or bfloat16")
    seed: int = option(0, "of weights, data order and latents")

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            self._require(name, getattr(self, name) in allowed, ", ".join(allowed))
        self._require("batch", self.batch >= 2, "2 or more")
        for name in POSITIVE:
            self._require(name, 0 < getattr(self, name) < math.inf, "above 0")
        for name in NOT_NEGATIVE:
            self._require(name, 0 <= getattr(self, name) < math.inf, "0 or more")
        for name in FRACTIONS:
            self._require(name, 0 <= getattr(self, name) <= 1, "0 to 1")

    def _require(self, name: str, condition: bool, allowed: str) -> None:
        if not condition:
            given = getattr(self, name)
            raise ValueError(f"{name}: {given!r} is not allowed; allowed: {allowed}")

    def to_json(self) -> str:
        """As saved in `options.json` and in checkpoints."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Inverse of `to_json`; unknown names are refused by name."""
        values = json.loads(text)
        generator = _construct(GeneratorConfig, values.pop("generator", {}))
        if values.get("discriminator") == "stylegan2":
            values.setdefault("augment", "ada")  # what it was before there was a choice
        return _construct(cls, {**values, "generator": generator})


def _construct(kind: type[T], values: dict[str, Any]) -> T:
    known = {f.name for f in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(
            f"{kind.__name__}: {unknown[0]!r} is not allowed; allowed: {', '.join(sorted(known))}"
        )
    return kind(**values)
