import numpy as np
import pytest
from PIL import Image

from skyserver.errors import OutputError
from training.looking.sheet import GAP, LINE, beside, check_output, label, save, sheet

RED, BLUE = (np.full((64, 64, 3), colour, np.uint8) for colour in ([200, 0, 0], [0, 0, 200]))


def left_edge(picture, colour):
    """Column in which a colour begins."""
    return int((np.asarray(picture) == colour).all(axis=2).any(axis=0).argmax())


def test_cells_lie_in_their_row_and_column():
    picture = np.asarray(sheet([[RED, None], [None, BLUE]], ["Cu\ncumulus", "b"], ["1", "2"]))
    x = left_edge(picture, RED[0, 0])
    assert (picture[LINE : LINE + 64, x : x + 64] == RED).all()
    right, lower = x + 64 + GAP, LINE + 64 + GAP
    assert (picture[lower : lower + 64, right : right + 64] == BLUE).all()
    assert (picture[LINE : LINE + 64, right:] == 255).all()
    assert (picture[:LINE, x : x + 64] < 128).any(), "the column has a label"
    assert (picture[LINE : LINE + 64, :x] < 128).any(), "the row has a label"


def test_a_long_label_stays_in_its_column():
    cells = [[np.full((64, 64, 3), 255, np.uint8)] * 2]
    picture = np.asarray(sheet(cells, [""], ["18446744073709551615" * 2, ""]))
    assert (picture[:LINE, 8 : 8 + 64] < 128).any()
    assert (picture[:LINE, 8 + 64 + GAP :] == 255).all()


def test_small_pictures_are_enlarged_to_the_edge():
    picture = sheet([[RED[:16, :16]]], ["a"], ["1"], edge=128)
    assert picture.height == LINE + 128 + GAP
    assert (np.asarray(picture) == RED[0, 0]).all(axis=2).sum() == 128 * 128


def test_sheets_beside_each_other_are_aligned_at_the_top():
    row = beside([Image.new("RGB", (10, 5), "red"), Image.new("RGB", (20, 8), "blue")])
    assert row.size == (30, 8)
    assert row.getpixel((9, 4)) == (255, 0, 0)
    assert row.getpixel((9, 5)) == (255, 255, 255)
    assert row.getpixel((10, 0)) == (0, 0, 255)


def test_labels_name_cloud_types():
    assert label("Cu") == "Cu\ncumulus"
    assert label("Xx") == "Xx"
    assert label("") == "any"


def test_a_sheet_too_large_for_webp_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(ValueError, match=r"16384 x 1 pixels; WebP allows 16383 an edge"):
        save(Image.new("RGB", (16384, 1)), tmp_path / "wide.webp")
    assert not list(tmp_path.iterdir())
    save(Image.new("RGB", (16384, 1)), tmp_path / "wide.png")


def test_outputs_are_checked_before_the_work(tmp_path):
    with pytest.raises(ValueError, match=r"grid\.bmp: must end in \.png or \.webp"):
        check_output(tmp_path / "grid.bmp")
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(tmp_path / "nowhere" / "grid.png")
