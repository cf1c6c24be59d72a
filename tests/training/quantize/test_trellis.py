import itertools
import math

import numpy as np
import pytest
from test_compensate import problem

from training.quantize import trellis
from training.quantize.compensate import compensate, compensated, output_error
from training.quantize.trellis import WINDOW, TrellisCoded, best_codes, encode, row_scales, table
from training.quantize.weights import round_to_nearest

RNG = np.random.default_rng(0)


def normal(rows=256, columns=8):
    return RNG.standard_normal((rows, columns)).astype(np.float32)


def read(stream, bits):
    """What a column's codes, from 0 up, stand for: by the definition, on a string of bits."""
    text = "0" * WINDOW
    values = []
    for code in stream:
        text += f"{code:0{bits}b}"
        values.append(float(table()[int(text[-WINDOW:], 2)]))
    return values


def decibels(weight, found):
    return 10 * math.log10(np.square(weight).sum() / np.square(weight - found.dequantize()).sum())


def test_the_table_is_normally_distributed_without_order():
    entries = table().astype(np.float64)
    assert entries.shape == (2**WINDOW,)
    assert entries.std() == pytest.approx(trellis.SPREAD, rel=0.01)
    assert abs(entries.mean()) < 1e-3
    assert abs(np.corrcoef(entries[1:], entries[:-1])[0, 1]) < 0.05
    np.testing.assert_array_equal(table(), table())


@pytest.mark.parametrize("bits", trellis.BITS)
def test_codes_stand_for_windows_of_a_stream_of_bits(bits):
    codes = RNG.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (40, 3)).astype(np.int8)
    scale = np.exp(RNG.standard_normal((40, 1))).astype(np.float32)
    values = TrellisCoded(codes, scale, bits).dequantize()
    streams = codes.T.astype(int) % 2**bits
    expected = np.array([read(stream, bits) for stream in streams]).T
    np.testing.assert_allclose(values, scale * expected, rtol=1e-6)


@pytest.mark.parametrize(("bits", "rows"), [(2, 6), (3, 4), (4, 3), (6, 2)])
def test_no_stream_has_less_error(bits, rows):
    weight = normal(rows, 3)
    scale = np.array([[1], [0.2], [3], [1], [0.5], [1]], np.float32)[:rows]
    codes, values = best_codes(weight, scale, bits)
    np.testing.assert_allclose(TrellisCoded(codes, scale, bits).dequantize(), values, rtol=1e-6)
    streams = itertools.product(range(2**bits), repeat=rows)
    every = np.array([read(stream, bits) for stream in streams]) * scale[:, 0]
    least = [np.square(every - column).sum(axis=1).min() for column in weight.T]
    np.testing.assert_allclose(np.square(weight - values).sum(axis=0), least, rtol=1e-4)


@pytest.mark.parametrize("bits", trellis.BITS)
def test_normal_deviates_come_near_to_what_is_possible(bits):
    """No code is better than 6.02 dB a bit (Shannon 1959)."""
    weight = normal(256, 64)
    found = decibels(weight, encode(weight, row_scales(weight), bits))
    assert 6.02 * bits - 2.6 < found < 6.02 * bits
    assert found > decibels(weight, round_to_nearest(weight, bits, None)) + 1.5


def test_a_row_has_its_own_scale():
    weight = normal(64, 32) * np.exp(RNG.normal(0, 3, (64, 1))).astype(np.float32)
    weight[5] = 0
    scale = row_scales(weight)
    values = encode(weight, scale, 6).dequantize()
    assert scale.shape == (64, 1)
    assert not values[5].any()
    error = np.square(weight - values).sum(axis=1) / np.square(weight).sum(axis=1).clip(1e-30)
    assert np.median(error) < 10**-3
    largest = np.argmax(scale)
    assert error[largest] < 10**-2.8


def test_a_weight_of_zeros_stays_one():
    nothing = np.zeros((40, 8), np.float32)
    np.testing.assert_array_equal(encode(nothing, row_scales(nothing), 4).dequantize(), nothing)


def test_errors_make_up_for_each_other():
    weight, gram = problem(0, rows=128, columns=192)
    rounder = trellis.trellised({"known": gram})
    alone, together = (rounder(name, weight, 4, None) for name in ("other", "known"))
    blocks = compensate(weight, gram, round_to_nearest(weight, 4, 32))
    errors = [output_error(weight, found, gram).sum() for found in (alone, together, blocks)]
    assert errors[1] < 0.3 * errors[0]
    assert errors[1] < 0.8 * errors[2]
    np.testing.assert_array_equal(together.scales, row_scales(weight))


def test_what_a_trellis_is_not_for_is_rounded_to_nearest():
    weight, gram = problem(0, rows=64, columns=96)
    grams = {"known": gram}
    rounder, plain = trellis.trellised(grams), compensated(grams)
    for few, bits, block in ((weight, 8, None), (weight[:3], 4, 32)):
        found = rounder("known", few, bits, None)
        assert not isinstance(found, TrellisCoded)
        np.testing.assert_array_equal(found.codes, plain("known", few, bits, block).codes)


@pytest.mark.parametrize(("rows", "bits"), [(64, 8), (64, 4), (3, 4)])
def test_a_draft_has_the_form_of_what_is_found(rows, bits):
    weight = normal(rows, 96)
    first = trellis.draft("any", weight, bits, None)
    found = trellis.trellised({})("any", weight, bits, None)
    assert type(first) is type(found)
    assert first.codes.shape == found.codes.shape
    np.testing.assert_array_equal(first.scales, found.scales)
