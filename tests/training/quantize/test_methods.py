import math

import numpy as np
import onnx
import pytest

from skyserver.model import SkyModel
from training.quantize import methods
from training.quantize.error import measure
from training.quantize.latents import feeds
from training.quantize.methods import ALLOWANCE, METHODS, Settings
from training.quantize.source import read
from training.quantize.trellis import draft, trellised

WEIGHTS = ("fp16", "int8", "int6", "int5", "int4", "int3")


@pytest.fixture
def source(small_file):
    return read(small_file)


@pytest.fixture
def drawn(source):
    return feeds(source.model.info, 1, seed=0)


def outcome(model, source, drawn, path):
    """Bytes and decibels."""
    onnx.save(model, path)
    return path.stat().st_size, measure(SkyModel.load(path), source.model, drawn).psnr


def test_fewer_bits_are_fewer_bytes_and_more_error(source, drawn, tmp_path):
    outcomes = [
        outcome(METHODS[name](source.graph, Settings(drawn)), source, drawn, tmp_path / name)
        for name in WEIGHTS
    ]
    sizes, decibels = zip(*outcomes, strict=True)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert list(decibels) == sorted(decibels, reverse=True)
    whole = source.path.stat().st_size
    assert sizes[0] < 0.55 * whole
    assert sizes[1] < 0.3 * whole
    assert sizes[4] < 0.19 * whole
    assert decibels[0] > 60
    assert decibels[1] > 35


@pytest.mark.parametrize("bits", [4, 2])
def test_the_mapping_network_keeps_eight_bits(source, drawn, bits):
    model = METHODS[f"int{bits}"](source.graph, Settings(drawn))
    widths = {
        name.removesuffix(".blocks"): node.input[0].partition("x")[0]
        for node in model.graph.node
        if node.op_type == "Split"
        for name in node.output
    }
    assert widths.pop("mapping_weight") == "int8"
    assert set(widths.values()) == {f"int{bits}"}


def test_mixed_bits_beat_equal_bits_of_as_many_bytes(source, drawn, tmp_path):
    size, equal = outcome(
        METHODS["int5"](source.graph, Settings(drawn)), source, drawn, tmp_path / "int5"
    )
    settings = Settings(drawn, budget=size + ALLOWANCE)
    mixed_size, mixed = outcome(
        METHODS["mixed"](source.graph, settings), source, drawn, tmp_path / "mixed"
    )
    assert mixed_size <= size
    assert mixed > equal + 0.5


@pytest.mark.parametrize("budget", [80_000, 100_000, 150_000, math.inf])
def test_a_file_of_mixed_bits_is_as_large_as_the_budget_allows(source, drawn, budget, monkeypatch):
    """Whatever nodes its widths need."""
    rng = np.random.default_rng(0)

    def random(_model, _feeds, options, *_rest):
        return {
            name: {plan: rng.uniform(1, 2) * 4.0**-plan.bits for plan in plans}
            for name, plans in options.items()
        }

    monkeypatch.setattr(methods, "sensitivities", random)
    model = METHODS["mixed"](source.graph, Settings(drawn, budget=budget))
    largest = METHODS["fp16"](source.graph, Settings(drawn)).ByteSize()
    assert model.ByteSize() <= budget - ALLOWANCE
    assert model.ByteSize() > 0.85 * min(budget, largest)


def test_a_budget_holds_with_a_trellis_too(source, drawn, monkeypatch):
    def every_bit_matters(_model, _feeds, options, *_rest):
        return {name: {plan: 4.0**-plan.bits for plan in plans} for name, plans in options.items()}

    monkeypatch.setattr(methods, "sensitivities", every_bit_matters)
    settings = Settings(drawn, block=None, rounder=trellised({}), draft=draft, budget=100_000)
    size = METHODS["mixed"](source.graph, settings).ByteSize()
    assert 0.85 * settings.budget < size <= settings.budget - ALLOWANCE


def test_a_budget_that_cannot_be_kept_is_refused_before_anything_is_measured(source, drawn):
    settings = Settings(drawn, budget=10_000, on_step=lambda *_: pytest.fail("measured"))
    with pytest.raises(ValueError, match=r"size-budget: 0.01 MB is too small; allowed: 0\.\d+ MB"):
        METHODS["mixed"](source.graph, settings)
