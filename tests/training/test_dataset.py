import io
import json
import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image

from training import dataset

PACK = Path(__file__).parents[3] / "shared/data/ccsn-256.zip"


def test_class_folders_become_a_checked_archive(class_folders, tmp_path):
    out = tmp_path / "set.zip"
    assert dataset.build(class_folders, out, resolution=16) == {"da": 12, "li": 12}
    data = dataset.load(out, 16)
    assert data.classes == ["da", "li"]
    assert data.images.shape == (24, 3, 16, 16)
    assert data.images.dtype == torch.uint8
    means = [data.images[data.labels == label].float().mean() for label in (0, 1)]
    assert means[0] == pytest.approx(60, abs=3)
    assert means[1] == pytest.approx(200, abs=3)


def test_an_archive_of_class_folders_is_read_too(class_folders, tmp_path):
    source = tmp_path / "source.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for path in class_folders.glob("*/*"):
            archive.write(path, Path("CCSN_v2") / path.relative_to(class_folders))
    assert dataset.build(source, tmp_path / "set.zip", resolution=8) == {"da": 12, "li": 12}


def test_pictures_are_cropped_to_their_central_square(tmp_path):
    picture = Image.new("RGB", (40, 20), "red")
    picture.paste("blue", (10, 0, 30, 20))
    (tmp_path / "in/a").mkdir(parents=True)
    picture.save(tmp_path / "in/a/x.png")
    dataset.build(tmp_path / "in", tmp_path / "set.zip", resolution=16)
    image = dataset.load(tmp_path / "set.zip", 16).images[0]
    assert image[2].min() > 200
    assert image[0].max() < 60


def test_ground_is_cut_off(tmp_path):
    picture = Image.new("RGB", (100, 100), (150, 180, 220))
    picture.paste((20, 25, 20), (0, 80, 100, 100))
    (tmp_path / "in/a").mkdir(parents=True)
    picture.save(tmp_path / "in/a/x.png")
    dataset.build(tmp_path / "in", tmp_path / "set.zip", resolution=64, above_ground=True)
    assert dataset.load(tmp_path / "set.zip", 64).images[0].min() > 100


@pytest.mark.parametrize("bad", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_one_bad_picture_stops_the_build_and_leaves_nothing(class_folders, tmp_path, bad):
    (class_folders / "da/da-N999.png").write_bytes(bad)
    with pytest.raises(ValueError, match=r"da-N999\.png"):
        dataset.build(class_folders, tmp_path / "set.zip", resolution=16)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pictures"]


def test_a_picture_smaller_than_the_resolution_is_refused(class_folders, tmp_path):
    with pytest.raises(ValueError, match="16x16 is not allowed; allowed: at least 32"):
        dataset.build(class_folders, tmp_path / "set.zip", resolution=32)


def test_errors_name_the_file(tmp_path):
    text = tmp_path / "notes.zip"
    text.write_text("not an archive")
    with pytest.raises(ValueError, match=r"notes\.zip"):
        dataset.load(text, 16)
    empty = tmp_path / "empty.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ValueError, match=r"empty\.zip: has no dataset\.json"):
        dataset.load(empty, 16)
    with pytest.raises(ValueError, match="holds no pictures"):
        dataset.build(empty, tmp_path / "out.zip", 16)


def test_a_table_that_names_a_missing_picture_or_class_is_refused(tmp_path):
    path = tmp_path / "set.zip"
    for labels, message in (([["a.png", 0]], "a.png"), ([["b.png", 7]], "7"), ("x", "labels")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("b.png", b"")
            archive.writestr("dataset.json", json.dumps({"classes": ["k"], "labels": labels}))
        with pytest.raises(ValueError, match=message):
            dataset.load(path, 16)


@pytest.mark.skipif(not PACK.exists(), reason="the CCSN pack is not beside the checkout")
def test_the_ccsn_pack_has_eleven_classes():
    data = dataset.load(PACK, 8)
    assert data.classes == ["Ac", "As", "Cb", "Cc", "Ci", "Cs", "Ct", "Cu", "Ns", "Sc", "St"]
    assert torch.bincount(data.labels).tolist() == [
        201,
        179,
        213,
        216,
        137,
        226,
        166,
        166,
        228,
        295,
        184,
    ]


def test_pictures_in_the_archive_are_square_webp(class_folders, tmp_path):
    dataset.build(class_folders, tmp_path / "set.zip", resolution=8)
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".webp")]
        assert len(names) == 24
        picture = Image.open(io.BytesIO(archive.read(names[0])))
    assert (picture.format, picture.size) == ("WEBP", (8, 8))
