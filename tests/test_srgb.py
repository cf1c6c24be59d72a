"""The transfer function against the standard's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from skyserver.srgb import from_linear, to_linear

VALUES = np.arange(256, dtype=np.float32) / 255


@pytest.mark.parametrize(
    ("srgb", "linear"),
    [(0, 0), (0.04045, 0.0031308), (0.5, 0.21404114), (188 / 255, 0.5028865), (1, 1)],
)
def test_known_values(srgb: float, linear: float) -> None:
    assert to_linear(np.float32([srgb]))[0] == pytest.approx(linear, abs=2e-6)
    assert from_linear(np.float32([linear]))[0] == pytest.approx(srgb, abs=2e-6)


def test_there_and_back() -> None:
    np.testing.assert_allclose(from_linear(to_linear(VALUES)), VALUES, atol=1e-6)
    assert to_linear(VALUES).dtype == from_linear(VALUES).dtype == np.float32


def test_below_zero_is_zero() -> None:
    below = np.float32([-1, -0.01])
    np.testing.assert_array_equal(to_linear(below), 0)
    np.testing.assert_array_equal(from_linear(below), 0)
