"""Bits for each weight by what rounding it does to the pictures, within a size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.quantize.graph import HALF, Plan
from training.quantize.latents import Feed, OnStep
from training.quantize.targets import Target, targets
from training.quantize.weights import as_matrix, block_length, from_matrix, round_to_nearest

Costs = dict[str, dict[Plan, float]]  # weight, how it is stored, squared error of the pictures

WIDTHS = (HALF, 8, 6, 5, 4, 3)
QUICK = (4,)  # the widths that say enough of the others where each picture takes seconds


def choices(target: Target, block: int | None) -> list[Plan]:
    """How a weight may be stored, the largest first; blocks have about `block` weights (None: all
    of an output channel)."""
    length = block_length(target.columns, block)
    plans = [Plan(bits, length if bits < 8 else None) for bits in WIDTHS]
    return sorted(plans, key=lambda plan: plan.size(target), reverse=True)


def sensitivities(
    model: onnx.ModelProto,
    feeds: Sequence[Feed],
    options: Mapping[str, Sequence[Plan]],
    threads: int = 0,
    on_step: OnStep = lambda _done, _total: None,
    measured: Collection[int] = WIDTHS,
) -> Costs:
    """Mean squared error of the pictures, in [0, 1], with each weight alone stored in each of
    its ways.

    It is measured for ways with bits in `measured`, and estimated for others from the nearest of
    those: as the weight's own squared error, since to second order the pictures' error is quadratic
    in the weight's (Dong et al. 2020, HAWQ-V2, arXiv 1911.03852).
    """
    found = targets(model)
    session = _with_changeable_weights(model, found, threads)
    weights = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.name in found
    }
    exact = [_draw(session, feed) for feed in feeds]
    costs: Costs = {}
    for done, (name, plans) in enumerate(options.items()):
        on_step(done, len(options))
        stored = {plan: _stored(weights[name], found[name], plan) for plan in plans}
        errors = {}
        for plan in plans:
            if plan.bits in measured:
                drawn = (_draw(session, feed | {name: stored[plan]}) for feed in feeds)
                errors[plan] = _squared_error(drawn, exact)
        costs[name] = _estimated(errors, stored, weights[name])
    return costs


def choose(costs: Costs, sizes: Mapping[str, Target], budget: float) -> dict[str, Plan]:
    """The plan of at most `budget` bytes that least error is expected of.

    Errors of single weights are taken to add up. From the largest choices on, the step that costs
    least error for each byte is taken until the budget holds, or no step is left.
    """
    size = {name: {plan: plan.size(sizes[name]) for plan in costs[name]} for name in costs}
    plan = {name: max(size[name], key=size[name].__getitem__) for name in costs}
    while sum(size[name][chosen] for name, chosen in plan.items()) > budget:
        steps = {
            (name, option): (costs[name][option] - costs[name][plan[name]])
            / (size[name][plan[name]] - size[name][option])
            for name in costs
            for option in costs[name]
            if size[name][option] < size[name][plan[name]]
        }
        if not steps:
            break
        name, option = min(steps, key=steps.__getitem__)
        plan[name] = option
    return plan


def _with_changeable_weights(
    model: onnx.ModelProto, names: Mapping[str, Target], threads: int
) -> onnxruntime.InferenceSession:
    """A session that takes other weights with a picture's inputs: no new session for each."""
    open_model = onnx.ModelProto()
    open_model.CopyFrom(model)
    open_model.graph.input.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, target.shape)
        for name, target in names.items()
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        open_model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _stored(weight: NDArray[np.float32], target: Target, plan: Plan) -> NDArray[np.float32]:
    """The weight after it has been stored, with codes rounded to nearest: other rounders gain about
    as much with each bit."""
    if plan.bits == HALF:
        return weight.astype(np.float16).astype(np.float32)
    matrix = as_matrix(weight, target.axis)
    back = round_to_nearest(matrix, plan.bits, plan.block).dequantize()
    return from_matrix(back, target.shape, target.axis)


def _draw(session: onnxruntime.InferenceSession, feed: Feed) -> NDArray[np.float32]:
    """A picture in [0, 1]."""
    image: NDArray[np.float32] = session.run(["image"], feed)[0]
    return np.clip(image / 2 + 0.5, 0, 1)


def _estimated(
    errors: Mapping[Plan, float],
    stored: Mapping[Plan, NDArray[np.float32]],
    weight: NDArray[np.float32],
) -> dict[Plan, float]:
    """Errors of pictures for every way a weight may be stored, from those that were measured."""
    changes = {
        plan: float(np.square(value - weight, dtype=np.float64).sum())
        for plan, value in stored.items()
    }
    costs = {}
    for plan, change in changes.items():
        near = min(errors, key=lambda other: abs(other.bits - plan.bits))
        costs[plan] = errors[near] * (change / changes[near] if changes[near] else 0.0)
    return costs


def _squared_error(
    drawn: Iterator[NDArray[np.float32]], exact: Sequence[NDArray[np.float32]]
) -> float:
    return float(np.mean([np.square(a - b).mean() for a, b in zip(drawn, exact, strict=True)]))
