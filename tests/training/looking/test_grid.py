import numpy as np
import pytest

from training.looking.grid import drawn_classes, grid
from training.looking.sheet import GAP, LINE


def test_each_cell_is_the_picture_of_its_class_and_seed(sampler):
    counted = []
    picture = grid({"one": sampler}, {"one": ["Cu", "Xx"]}, [5, 9], 0.7, lambda: counted.append(1))
    assert len(counted) == 4
    width, height = picture.size
    assert height == LINE + 2 * (64 + GAP)
    for row, code in enumerate(["Cu", "Xx"]):
        for column, seed in enumerate([5, 9]):
            left, top = width - (2 - column) * (64 + GAP), LINE + row * (64 + GAP)
            cell = np.asarray(picture.crop((left, top, left + 64, top + 64)).resize((16, 16)))
            (alone,) = sampler.draw(sampler.every_layer(sampler.style(code, seed, 0.7)[None]))
            difference = np.abs(cell.astype(int) - alone)
            assert difference.mean() < 0.25 * alone.std(), (code, seed)


def test_models_stand_side_by_side_under_their_names(sampler, unconditional):
    samplers = {"a/checkpoint": sampler, "b/checkpoint": unconditional}
    rows = {title: drawn_classes(s, ["St"]) for title, s in samplers.items()}
    assert rows == {"a/checkpoint": ["St"], "b/checkpoint": [""]}
    alone = grid({"a": sampler}, {"a": ["St"]}, [1, 2], 1.0)
    both = grid(samplers, rows, [1, 2], 1.0)
    assert both.height == alone.height + LINE
    own, shared = np.asarray(alone)[LINE:], np.asarray(both)[2 * LINE :]
    np.testing.assert_array_equal(own, shared[:, : own.shape[1]])


def test_all_classes_are_drawn_unless_some_are_asked_for(sampler):
    assert drawn_classes(sampler, []) == ["Cu", "St", "Xx"]
    with pytest.raises(ValueError, match="'Cb' is not allowed"):
        drawn_classes(sampler, ["Cu", "Cb"])
