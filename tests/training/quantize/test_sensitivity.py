import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from skyserver.model import SkyModel
from training.quantize.error import measure
from training.quantize.graph import Plan, quantize_weights
from training.quantize.latents import feeds
from training.quantize.sensitivity import choices, choose, sensitivities
from training.quantize.targets import Target, targets

WIDE, THIN = Target((8, 128), 0), Target((8, 64), 0)


def test_choices_shrink_and_their_blocks_fit():
    plans = choices(Target((4, 144), 0), block=32)
    sizes = [plan.size(Target((4, 144), 0)) for plan in plans]
    assert [plan.bits for plan in plans] == [16, 8, 6, 5, 4, 3]
    assert sizes == sorted(sizes, reverse=True)
    assert {plan.block for plan in plans} == {None, 36}


def test_costs_are_the_errors_of_files_with_that_weight_alone_quantized(
    small, small_file, tmp_path
):
    reference = SkyModel.load(small_file)
    drawn = feeds(reference.info, 1, seed=0)
    options = {name: [Plan(16), Plan(4, 32)] for name in ("weight_1", "noise_0")}
    costs = sensitivities(small, drawn, options, threads=1)
    for name, plans in options.items():
        for plan in plans:
            onnx.save(quantize_weights(small, {name: plan}), tmp_path / "one.onnx")
            expected = measure(SkyModel.load(tmp_path / "one.onnx"), reference, drawn)
            assert costs[name][plan] == pytest.approx(expected.squared, rel=1e-3)
    assert costs["weight_1"][Plan(4, 32)] > 100 * costs["weight_1"][Plan(16)]


def test_costs_that_are_not_measured_are_estimated_from_those_that_are(small, small_file):
    drawn = feeds(SkyModel.load(small_file).info, 2, seed=0)
    options = {name: choices(targets(small)[name], 32) for name in ("weight_1", "affine_0")}
    exact = sensitivities(small, drawn, options, threads=1)
    quick = sensitivities(small, drawn, options, threads=1, measured=(4,))
    for name, plans in options.items():
        assert max(exact[name].values()) > 1e4 * min(exact[name].values())
        for plan in plans:
            assert 1 / 3 < quick[name][plan] / exact[name][plan] < 3
            assert plan.bits != 4 or quick[name][plan] == pytest.approx(exact[name][plan])


def test_the_budget_goes_where_bits_matter_most():
    plans = [Plan(8), Plan(4)]
    costs = {
        "robust": {plans[0]: 0.0, plans[1]: 1.0},
        "delicate": {plans[0]: 0.0, plans[1]: 50.0},
    }
    sizes = {"robust": WIDE, "delicate": WIDE}
    whole = 2 * Plan(8).size(WIDE)
    assert choose(costs, sizes, whole) == {"robust": Plan(8), "delicate": Plan(8)}
    assert choose(costs, sizes, whole - 1) == {"robust": Plan(4), "delicate": Plan(8)}
    assert choose(costs, sizes, 0) == {"robust": Plan(4), "delicate": Plan(4)}


def test_the_choice_is_the_least_error_of_all_plans_of_its_size():
    rng = np.random.default_rng(0)
    plans = [Plan(8), Plan(6), Plan(4)]
    sizes = {"a": WIDE, "b": THIN, "c": WIDE}
    costs = {
        name: dict(zip(plans, (0.0, weight, 16 * weight), strict=True))  # an error 4 times a step
        for name, weight in zip(sizes, rng.uniform(1, 10, 3).tolist(), strict=True)
    }
    found = choose(costs, sizes, 2000)
    size = sum(plan.size(sizes[name]) for name, plan in found.items())
    error = sum(costs[name][plan] for name, plan in found.items())
    everything = [
        dict(zip(sizes, combination, strict=True))
        for combination in np.array(np.meshgrid([0, 1, 2], [0, 1, 2], [0, 1, 2])).reshape(3, -1).T
    ]
    for other in everything:
        chosen = {name: plans[index] for name, index in other.items()}
        if sum(plan.size(sizes[name]) for name, plan in chosen.items()) <= size:
            assert sum(costs[name][plan] for name, plan in chosen.items()) >= error


def test_noise_needs_fewer_bits_than_the_constant_it_is_added_to(small, small_file):
    reference = SkyModel.load(small_file)
    found = targets(small)
    options = {name: choices(found[name], 32) for name in ("const", "noise_0")}
    small_noise = next(tensor for tensor in small.graph.initializer if tensor.name == "noise_0")
    value = numpy_helper.to_array(small_noise) / 100
    small_noise.CopyFrom(numpy_helper.from_array(value, "noise_0"))
    costs = sensitivities(small, feeds(reference.info, 1, seed=0), options, threads=1)
    full = sum(choices(found[name], 32)[0].size(found[name]) for name in options)
    plan = choose(costs, found, 0.5 * full)
    assert plan["noise_0"].bits < plan["const"].bits
