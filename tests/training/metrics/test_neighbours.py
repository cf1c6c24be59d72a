import numpy as np
import pytest

from training.metrics import neighbours


def test_copies_are_nearer_than_anything_real():
    rng = np.random.default_rng(0)
    real, fresh = rng.normal(size=(2, 200, 6))
    copies = real[:50] + 1e-3 * rng.normal(size=(50, 6))
    honest = neighbours.nearness(neighbours.nearest(fresh, real), real)
    copied = neighbours.nearness(neighbours.nearest(copies, real), real)
    assert honest.suspect == pytest.approx(0.05, abs=0.04)
    assert honest.median == pytest.approx(honest.real_median, rel=0.15)
    assert copied.suspect == 1
    assert copied.median < 0.01 * copied.real_median


def test_a_real_picture_is_not_its_own_neighbour():
    real = np.array([[0.0], [1], [3], [7]])
    found = neighbours.nearness(neighbours.nearest(np.array([[0.5]]), real), real)
    assert (found.real_smallest, found.real_median) == (1, 1.5)  # 1 1 2 4
    assert found.smallest == 0.5


def test_neighbours_are_in_order_of_distance():
    real = np.array([[10.0], [1], [3], [7]])
    found = neighbours.nearest(np.array([[0.0]]), real)
    assert found.indices.tolist() == [[1, 2, 3]]
    assert found.distances.tolist() == [[1, 3, 7]]


def test_the_picture_shows_the_nearest_sample_of_each_class_beside_its_neighbours():
    """Every picture is of one grey, so that the sheet can be read back."""
    real = np.array([50.0, 90, 130, 170, 210])
    fake = np.array([100.0, 131, 20, 216])
    labels = np.array([0, 0, 1, 1])

    def grey(levels):
        return np.broadcast_to(levels[:, None, None, None], (len(levels), 8, 8, 3)).astype(np.uint8)

    found = neighbours.nearest(fake[:, None], real[:, None])
    sheet = neighbours.contact_sheet(grey(fake), labels, ["Ac", "Cu"], found, grey(real))
    middle = neighbours.GAP + neighbours.CAPTION + neighbours.TILE // 2
    half = sheet.width // 2
    row = [
        sheet.getpixel((half * side + (column + 0.5) * neighbours.TILE, middle))[0]
        for side in range(2)
        for column in range(4)
    ]
    assert row == [131, 130, 170, 90, 216, 210, 170, 130]
