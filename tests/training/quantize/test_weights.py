import numpy as np
import pytest

from training.quantize.weights import (
    BITS,
    Quantized,
    as_matrix,
    block_length,
    from_matrix,
    round_to_nearest,
)

RNG = np.random.default_rng(0)


def weight(rows=6, columns=48):
    scale = np.exp(RNG.normal(0, 2, (rows, 1)))
    return (scale * RNG.standard_normal((rows, columns))).astype(np.float32)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("block", [None, 16])
def test_no_code_of_its_scale_is_nearer(bits, block):
    matrix = weight()
    quantized = round_to_nearest(matrix, bits, block)
    highest = 2 ** (bits - 1) - 1
    assert quantized.codes.dtype == np.int8
    assert quantized.scales.shape == (6, 1 if block is None else 3)
    levels = np.arange(-highest, highest + 1)[:, None, None]
    scales = np.repeat(quantized.scales, 48 // quantized.scales.shape[1], axis=1)
    nearest = np.abs(levels * scales - matrix).min(axis=0)
    np.testing.assert_allclose(np.abs(quantized.dequantize() - matrix), nearest, atol=1e-6)


def test_every_code_of_a_grid_is_found_again():
    codes = RNG.integers(-7, 8, (5, 64)).astype(np.int8)
    codes[:, ::16] = 7  # a block without its largest code could be of a finer scale as well
    scales = RNG.uniform(0.5, 2, (5, 4)).astype(np.float16).astype(np.float32)
    known = Quantized(codes, scales, 4)
    found = round_to_nearest(known.dequantize(), 4, 16)
    np.testing.assert_array_equal(found.codes, codes)
    np.testing.assert_array_equal(found.scales, scales)


def test_at_few_bits_clipping_is_better_than_the_whole_range():
    matrix = RNG.standard_normal((8, 512)).astype(np.float32)
    error = np.square(round_to_nearest(matrix, 4, None).dequantize() - matrix).mean()
    step = np.abs(matrix).max(axis=1, keepdims=True) / 7
    whole = np.square(np.rint(matrix / step) * step - matrix).mean()
    assert error < 0.9 * whole


def test_more_bits_and_shorter_blocks_are_nearer():
    matrix = weight(columns=96)

    def error(bits, block):
        return np.square(round_to_nearest(matrix, bits, block).dequantize() - matrix).mean()

    errors = [error(bits, None) for bits in BITS]
    assert errors == sorted(errors, reverse=True)
    assert error(4, 8) < error(4, 32) < error(4, None)


def test_zeros_stay_zeros():
    matrix = np.zeros((2, 8), np.float32)
    matrix[1, 3] = 1
    np.testing.assert_allclose(round_to_nearest(matrix, 4, 4).dequantize(), matrix, atol=1e-3)


@pytest.mark.parametrize(
    ("bits", "block", "message"), [(1, None, "2 to 8"), (9, None, "2 to 8"), (4, 5, "48 columns")]
)
def test_what_cannot_be_is_refused(bits, block, message):
    with pytest.raises(ValueError, match=message):
        round_to_nearest(weight(), bits, block)


def test_the_matrix_of_a_kernel_has_a_row_for_each_output():
    kernel = RNG.standard_normal((4, 3, 2, 2)).astype(np.float32)
    for axis in (0, 1):
        matrix = as_matrix(kernel, axis)
        for row in range(kernel.shape[axis]):
            np.testing.assert_array_equal(matrix[row], kernel.take(row, axis).ravel())
        np.testing.assert_array_equal(from_matrix(matrix, kernel.shape, axis), kernel)


@pytest.mark.parametrize(
    ("columns", "length"), [(1152, 32), (144, 36), (16, 16), (11, 11), (509, 509), (1, 1)]
)
def test_blocks_divide_the_columns(columns, length):
    assert block_length(columns, 32) == length
