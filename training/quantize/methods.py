"""Every way to quantize, by name: from a model with float32 weights to a smaller one."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import onnx

from training.quantize import compressor
from training.quantize.energies import compute_energies
from training.quantize.graph import Plan, halves, quantize_weights
from training.quantize.latents import Feed, OnStep
from training.quantize.sensitivity import WIDTHS, choices, choose, sensitivities
from training.quantize.static import dynamic, static
from training.quantize.targets import shared_by_styles, targets
from training.quantize.weights import BLOCK, Rounder, block_length, nearest

ALLOWANCE = 1024  # bytes for what the written file says of its error


@dataclass(frozen=True)
class Settings:
    """What methods may need beside the model.

    `feeds` are inputs of pictures to calibrate on, `block` is about how many weights share a scale
    below 8 bits (None: all of an output channel), `rounder` chooses their codes, `draft` some of as
    many bytes. `budget` is the largest file in bytes, `measured` the widths at which the
    sensitivity to a weight is measured. `on_step` hears of steps done, of how many.
    """

    feeds: Sequence[Feed]
    block: int | None = BLOCK
    rounder: Rounder = nearest
    draft: Rounder = nearest
    budget: float = math.inf
    measured: Collection[int] = WIDTHS
    threads: int = 0
    on_step: OnStep = lambda _done, _total: None


Method = Callable[[onnx.ModelProto, Settings], onnx.ModelProto]


def fp16(model: onnx.ModelProto, _settings: Settings) -> onnx.ModelProto:
    """Weights as float16."""
    model = compute_energies(model)
    return quantize_weights(model, halves(model))


def uniform(bits: int, model: onnx.ModelProto, settings: Settings) -> onnx.ModelProto:
    """Every large weight of so many bits: a scale for each output channel at 8, for each block
    below.

    What all styles are made with has 8 bits at least: few weights, and their errors are in all of
    a picture.
    """
    model = compute_energies(model)
    shared = shared_by_styles(model)
    plan = {
        name: Plan(8)
        if bits == 8 or name in shared
        else Plan(bits, block_length(target.columns, settings.block))
        for name, target in targets(model).items()
    }
    return quantize_weights(model, halves(model) | plan, settings.rounder)


def mixed(model: onnx.ModelProto, settings: Settings) -> onnx.ModelProto:
    """Bits for each weight by measured sensitivity, as many as the budget allows.

    Raises ValueError for a budget that the fewest bits do not meet.
    """
    model = compute_energies(model)
    found = targets(model)
    options = {name: choices(target, settings.block) for name, target in found.items()}
    plan = {name: plans[-1] for name, plans in options.items()}
    least = _file_size(model, plan, settings.draft)
    if least > settings.budget:
        given, allowed = f"{settings.budget / 1e6} MB", f"{math.ceil(least / 1e4) / 100} MB or more"
        raise ValueError(f"size-budget: {given} is too small; allowed: {allowed}")
    costs = sensitivities(
        model, settings.feeds, options, settings.threads, settings.on_step, settings.measured
    )
    excess = least - sum(plan[name].size(found[name]) for name in found)
    room = settings.budget
    while excess > 0:  # what a file needs beside codes and scales depends on the plan
        room -= excess
        plan = choose(costs, found, room)
        excess = _file_size(model, plan, settings.draft) - settings.budget
    return quantize_weights(model, halves(model) | plan, settings.rounder)


def _file_size(model: onnx.ModelProto, plan: dict[str, Plan], draft: Rounder) -> int:
    """Bytes of the file that a plan leads to."""
    size: int = quantize_weights(model, halves(model) | plan, draft).ByteSize()
    return size + ALLOWANCE


def matrices(name: str, model: onnx.ModelProto, settings: Settings) -> onnx.ModelProto:
    """onnx-neural-compressor's 4-bit matrices; convolutions stay as they are."""
    return compressor.compress(model, name, settings.feeds)


WEIGHTS: Mapping[str, Method] = {  # with codes that a rounder chooses
    **{f"int{bits}": partial(uniform, bits) for bits in (8, 6, 5, 4, 3, 2)},
    "mixed": mixed,
}
METHODS: Mapping[str, Method] = {
    "fp16": fp16,
    **WEIGHTS,
    "qdq": lambda model, settings: static(model, settings.feeds, settings.on_step),
    "dynamic": lambda model, _settings: dynamic(model),
    **{name: partial(matrices, name) for name in compressor.METHODS},
}
