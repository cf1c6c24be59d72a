import numpy as np
import pytest

from training.quantize import compensate as module
from training.quantize.compensate import compensate, compensated, output_error
from training.quantize.weights import round_to_nearest


def problem(seed, rows=12, columns=24, correlation=0.9):
    """A weight, and the Gram matrix of inputs whose neighbours are alike."""
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((rows, columns)).astype(np.float32)
    inputs = rng.standard_normal((columns, 8 * columns)) * rng.uniform(0.2, 2, (columns, 1))
    for i in range(1, columns):
        inputs[i] += correlation * inputs[i - 1]
    return weight, inputs @ inputs.T


@pytest.mark.parametrize("bits", [2, 3, 4, 6])
@pytest.mark.parametrize("block", [None, 8])
def test_no_output_is_worse_than_by_plain_rounding_and_most_are_far_better(bits, block):
    ratios = []
    for seed in range(20):
        weight, gram = problem(seed)
        plain = round_to_nearest(weight, bits, block)
        found = compensate(weight, gram, plain)
        before, after = (output_error(weight, q, gram) for q in (plain, found))
        assert (after <= before).all()
        np.testing.assert_array_equal(found.scales, plain.scales)
        assert np.abs(found.codes).max() < 2 ** (bits - 1)
        ratios.append(after.sum() / before.sum())
    assert np.mean(ratios) < 0.6


def test_output_error_is_that_of_the_outputs():
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((4, 6)).astype(np.float32)
    inputs = rng.standard_normal((6, 50))
    rounded = round_to_nearest(weight, 3, None)
    expected = np.square((weight - rounded.dequantize()).astype(np.float64) @ inputs).sum(axis=1)
    np.testing.assert_allclose(output_error(weight, rounded, inputs @ inputs.T), expected)


@pytest.mark.parametrize("batch", [3, 128])
def test_codes_are_those_of_the_published_equations(batch, monkeypatch):
    """Frantar et al. 2023, equation 2, with the inverse made anew after every column."""
    monkeypatch.setattr(module, "BATCH", batch)
    weight, gram = problem(5, rows=6, columns=10)
    plain = round_to_nearest(weight, 4, 5)
    damped = gram + module.DAMPING * np.diag(gram).mean() * np.eye(10)
    scales = np.repeat(plain.scales, 5, axis=1).astype(np.float64)
    left, codes = weight.astype(np.float64), np.zeros((6, 10))
    free = list(np.argsort(-np.diag(gram)))
    while free:
        q, inverse = free[0], np.linalg.inv(damped[np.ix_(free, free)])
        codes[:, q] = np.clip(np.rint(left[:, q] / scales[:, q]), -7, 7)
        error = left[:, q] - codes[:, q] * scales[:, q]
        left[:, free] -= error[:, None] / inverse[0, 0] * inverse[0]
        free = free[1:]
    found = compensate(weight, gram, plain)
    kept = (found.codes == plain.codes).all(axis=1)
    np.testing.assert_array_equal(found.codes[~kept], codes[~kept])
    assert kept.sum() <= 1


def test_a_single_column_is_rounded_to_nearest():
    weight, gram = problem(1, rows=50, columns=1)
    plain = round_to_nearest(weight, 3, None)
    np.testing.assert_array_equal(compensate(weight, gram, plain).codes, plain.codes)


def test_inputs_that_have_nothing_in_common_are_rounded_to_nearest():
    """There it is the optimum, as trying all pairs of codes shows."""
    weight, _ = problem(2, rows=50, columns=2)
    gram = np.diag([3.0, 0.5])
    plain = round_to_nearest(weight, 3, None)
    found = compensate(weight, gram, plain)
    np.testing.assert_array_equal(found.codes, plain.codes)
    np.testing.assert_allclose(output_error(weight, found, gram), least(weight, gram, plain)[0])


def test_of_two_columns_the_second_makes_up_for_the_first_as_well_as_can_be(monkeypatch):
    """The least error of all pairs whose first code is the nearest; often that is the optimum."""
    monkeypatch.setattr(module, "DAMPING", 1e-12)
    weight, gram = problem(3, rows=200, columns=2)
    plain = round_to_nearest(weight, 3, None)
    found = compensate(weight, gram, plain)
    error = output_error(weight, found, gram)
    first = int(gram[1, 1] > gram[0, 0])
    of_all, given_first = least(weight, gram, plain, first)
    np.testing.assert_allclose(error, given_first, rtol=1e-6)
    assert np.isclose(error, of_all, rtol=1e-6).mean() > 0.7
    assert output_error(weight, plain, gram).sum() > error.sum()


def least(weight, gram, plain, first=0):
    """Least error of each row over all pairs of codes, and over those with the nearest code in
    the column `first`."""
    codes = np.stack(np.meshgrid(*2 * [np.arange(-3, 4)], indexing="ij"), axis=-1).reshape(-1, 2)
    errors = weight[:, None].astype(np.float64) - codes * plain.scales[:, :, None]
    squares = np.einsum("opi,ij,opj->op", errors, gram, errors)
    nearest = codes[None, :, first] == plain.codes[:, None, first]
    return squares.min(axis=1), np.where(nearest, squares, np.inf).min(axis=1)


def test_inputs_that_are_always_zero_do_no_harm():
    weight, gram = problem(4)
    plain = round_to_nearest(weight, 4, 8)
    dead = gram.copy()
    dead[3] = dead[:, 3] = 0
    error = output_error(weight, compensate(weight, dead, plain), dead)
    assert (error <= output_error(weight, plain, dead)).all()
    nothing = compensate(weight, np.zeros_like(gram), plain)
    np.testing.assert_array_equal(nothing.codes, plain.codes)


def test_a_rounder_compensates_the_weights_that_it_knows():
    weight, gram = problem(6)
    rounder = compensated({"known": gram})
    plain = round_to_nearest(weight, 3, 8)
    np.testing.assert_array_equal(rounder("other", weight, 3, 8).codes, plain.codes)
    np.testing.assert_array_equal(
        rounder("known", weight, 3, 8).codes, compensate(weight, gram, plain).codes
    )
