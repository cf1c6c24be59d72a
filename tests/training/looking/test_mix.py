import numpy as np
import pytest
import torch

from training.looking import mix as mixing
from training.looking.mix import mix
from training.looking.source import Source

ROWS, COLUMNS = (
    [Source("Cu", 1), Source("St", 2)],
    [Source("Xx", 3), Source("Cu", 4), Source("St", 5)],
)


@pytest.fixture
def cells(sampler, monkeypatch):
    """The pictures that a mixture puts on its sheet."""

    def collect(layers):
        kept = {}
        monkeypatch.setattr(mixing, "sheet", lambda cells, *labels: kept.update(c=cells, l=labels))
        mix(sampler, ROWS, COLUMNS, layers, 0.9)
        return kept["c"], kept["l"]

    return collect


def picture(sampler, row, column, layers):
    ws = torch.stack([sampler.style(*row, 0.9)] * sampler.generator.config.num_ws)
    for layer in layers:
        ws[layer] = sampler.style(*column, 0.9)
    return sampler.draw(ws[None])[0]


def test_each_cell_takes_its_layers_from_the_column(sampler, cells):
    table, (row_labels, column_labels) = cells([3, 4])
    assert row_labels == ["", "Cu 1", "St 2"]
    assert column_labels == ["", "Xx 3", "Cu 4", "St 5"]
    assert table[0][0] is None
    for x, column in enumerate(COLUMNS, 1):
        np.testing.assert_allclose(table[0][x], picture(sampler, column, column, []), atol=1)
    for y, row in enumerate(ROWS, 1):
        np.testing.assert_allclose(table[y][0], picture(sampler, row, row, []), atol=1)
        for x, column in enumerate(COLUMNS, 1):
            mixed = picture(sampler, row, column, [3, 4])
            np.testing.assert_allclose(table[y][x], mixed, atol=1)
            assert np.abs(mixed.astype(int) - table[y][0]).max() > 5


def test_a_layer_that_is_not_there_is_refused(sampler):
    with pytest.raises(ValueError, match="layers: 6 is not allowed; allowed: 0 to 5"):
        mix(sampler, ROWS, COLUMNS, [4, 6], 1.0)
