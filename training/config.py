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
    "augment": ("none", "ada", "diffaugment"),
    "transfer": ("none", "g", "d", "gd", "hyper"),
    "precision": ("auto", "float32", "bfloat16", "float16"),
}
POSITIVE = ("kimg", "lr_g", "lr_d", "ada_kimg", "ema_kimg", "tick_kimg", "metric_kimg")
NOT_NEGATIVE = ("r1_gamma", "pl_weight", "freeze_d", "ramp_kimg", "ema_rampup")
FRACTIONS = ("style_mixing", "ada_target")


@dataclass(frozen=True)
class TrainConfig:
    """One run.

    Lengths are in kimg: thousands of real pictures shown to the discriminator.
    """

    data: str
    run: str
    kimg: float
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    conditional: bool = True  # False: the data set's classes are ignored
    discriminator: str = "projected"
    batch: int = 16
    lr_g: float = 2e-3
    lr_d: float = 5e-4
    r1_gamma: float = 1.0  # weight of the lazy R1 penalty (stylegan2)
    pl_weight: float = 0.0  # weight of the path length penalty; 2 is the published one
    style_mixing: float = 0.0  # part of the fakes with two latents; 0.9 is the published one
    augment: str = "diffaugment"  # what the discriminator sees: none, ada or diffaugment
    ada_target: float = 0.6  # mean sign of the logits on reals that ada steers to; 0 keeps p at 0
    ada_kimg: float = 500.0  # in which ada's p can travel from 0 to 1
    freeze_d: int = 0  # layers of the discriminator that stay as they are, from the picture on
    transfer: str = "none"  # networks taken from another shape of model: none, g, d, gd or hyper
    ramp_kimg: float = 0.0  # in which the class signal grows from 0 to 1; 0: full from the start
    ema_kimg: float = 2.0  # half-life of the averaged generator
    ema_rampup: float = 0.05  # the half-life is at most this part of the run so far; 0: no bound
    tick_kimg: float = 1.0
    metric_features: str = ""  # ONNX feature network to keep the best checkpoint by KID; "": none
    metric_kimg: float = 5.0  # between two measurements
    precision: str = "auto"
    seed: int = 0

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
