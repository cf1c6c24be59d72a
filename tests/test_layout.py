"""Layouts: put together, taken apart, and folded."""

from __future__ import annotations

import engines
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyserver.errors import InvalidField
from skyserver.layout import assemble, guess_layout, split
from skyserver.orientation import FACES

SHAPES = {"strip": (6, 1), "horizontal-cross": (4, 3), "vertical-cross": (3, 4)}


@given(layout=st.sampled_from(list(SHAPES)), size=st.integers(1, 9))
def test_what_is_assembled_can_be_split(layout: str, size: int) -> None:
    faces = np.random.default_rng(size).random((6, size, size, 3)).astype(np.float32)
    image = assemble(faces, layout)
    columns, rows = SHAPES[layout]
    assert image.shape == (rows * size, columns * size, 3)
    assert image.dtype == np.float32
    assert guess_layout(columns * size, rows * size) == layout
    np.testing.assert_array_equal(split(image, layout), faces)


def test_cells() -> None:
    faces = np.arange(1, 7, dtype=np.float32)[:, None, None, None].repeat(3, axis=3)
    names = np.array(["..", *FACES])
    cells = {layout: names[assemble(faces, layout)[..., 0].astype(int)] for layout in SHAPES}
    assert cells["strip"].tolist() == [["+X", "-X", "+Y", "-Y", "+Z", "-Z"]]
    assert cells["horizontal-cross"].tolist() == [
        ["..", "+Y", "..", ".."],
        ["-X", "+Z", "+X", "-Z"],
        ["..", "-Y", "..", ".."],
    ]
    assert cells["vertical-cross"].tolist() == [
        ["..", "+Y", ".."],
        ["-X", "+Z", "+X"],
        ["..", "-Y", ".."],
        ["..", "-Z", ".."],
    ]


@pytest.mark.parametrize("engine", engines.SCENES)
@pytest.mark.parametrize("layout", ["horizontal-cross", "vertical-cross"])
def test_a_cross_folds(layout: str, engine: str) -> None:
    """Walking over an edge inside the cross is no more than one texel on the cube."""
    size = 16
    image = assemble(engines.cubemap(engine, size), layout)
    used = np.abs(image).sum(axis=-1) > 0
    for axis in (0, 1):
        first = np.take(image, range(image.shape[axis] - 1), axis)
        second = np.take(image, range(1, image.shape[axis]), axis)
        both = np.take(used, range(image.shape[axis] - 1), axis)
        both &= np.take(used, range(1, image.shape[axis]), axis)
        assert np.linalg.norm(second - first, axis=-1)[both].max() < 1.01 * 2 / size


def test_an_upright_strip_is_read() -> None:
    faces = np.random.default_rng(0).random((6, 4, 4, 3)).astype(np.float32)
    np.testing.assert_array_equal(split(faces.reshape(24, 4, 3), "strip"), faces)
    assert guess_layout(4, 24) == "strip"


@pytest.mark.parametrize("size", [(64, 32), (63, 48), (1, 1), (640, 481), (25, 4)])
def test_other_proportions_are_no_layout(size: tuple[int, int]) -> None:
    assert guess_layout(*size) is None


def test_unequal_faces_are_refused() -> None:
    message = r"image: '60 x 48' is not allowed; .* 4:3 for a horizontal-cross"
    with pytest.raises(InvalidField, match=message):
        split(np.zeros((48, 60, 3), np.float32), "horizontal-cross")
    with pytest.raises(InvalidField, match="6:1 or 1:6 for a strip"):
        split(np.zeros((48, 64, 3), np.float32), "strip")
