import io
import json
import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny_pictures import picture_bytes

from training import dataset
from training.cli import app

PACK = Path(__file__).parents[3] / "shared/data/ccsn-256.zip"


def test_class_folders_become_a_checked_archive(class_folders, tmp_path):
    out = tmp_path / "set.zip"
    assert dataset.build(class_folders, out, resolution=16).counts == {"da": 12, "li": 12}
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
    assert dataset.build(source, tmp_path / "set.zip", resolution=8).counts == {"da": 12, "li": 12}


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


def with_table(path, table, pictures=("a.png", "b.png"), size=16):
    """A data set archive with a grey picture for each name."""
    with zipfile.ZipFile(path, "w") as archive:
        for index, name in enumerate(pictures):
            archive.writestr(name, picture_bytes(60 + 20 * index, size))
        if table is not None:
            archive.writestr("dataset.json", json.dumps(table))
    return path


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"labels": [["a.png", 1]], "classes": ["k"]}, r"a\.png has class 1; allowed: 0 to 0"),
        ({"labels": [["a.png", -1]]}, r"a\.png has class -1"),
        ({"labels": [["a.png", 10**6]]}, r"a\.png has class 1000000; allowed: 0 to 9999"),
        ({"labels": [["a.png", 0], ["a.png", 0]]}, r"names 'a\.png' twice"),
        ({"labels": [["a.png", 0.5]]}, r"must be \[file, class number\] pairs"),
        ({"labels": [["a.png", [1.0, 0.0]]]}, r"must be \[file, class number\] pairs"),
        ({"labels": {"a.png": 0}}, r"must be \[file, class number\] pairs"),
        ({"labels": []}, "holds no pictures"),
        ({"classes": ["k"]}, r"dataset\.json has no labels"),
        (["a.png"], r"dataset\.json has no labels"),
        ({"labels": [["a.png", 0]], "classes": ["a,b"]}, r"class 'a,b' is not allowed"),
        ({"labels": [["a.png", 0]], "classes": ["../up"]}, r"class '\.\./up' is not allowed"),
        ({"labels": [["a.png", 0]], "classes": ["k", "k"]}, "a name twice"),
        ({"labels": [["a.png", 0]], "classes": 3}, "must be a list"),
        (None, r"has no dataset\.json; make one"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, table, message):
    path = with_table(tmp_path / "set.zip", table)
    with pytest.raises(ValueError, match=message) as caught:
        dataset.load(path, 16)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_published_layout_is_read_as_it_is(tmp_path):
    names = ["00000/img00000000.png", "00000/img00000001.png", "00001/img00001000.png"]
    labels = [[name, label] for name, label in zip(names, (6, 9, 6), strict=True)]
    data = dataset.load(with_table(tmp_path / "set.zip", {"labels": labels}, names), 16)
    assert data.labels.tolist() == [6, 9, 6]
    assert data.classes == [str(index) for index in range(10)]
    assert data.images.float().mean(dim=(1, 2, 3)).tolist() == pytest.approx([60, 80, 100], abs=3)


def test_the_published_layout_without_labels_is_unconditional(tmp_path):
    names = ["00000/img00000001.png", "00000/img00000000.png"]
    data = dataset.load(with_table(tmp_path / "set.zip", {"labels": None}, names), 16)
    assert (data.classes, data.labels.tolist()) == ([], [0, 0])
    assert data.images[0].float().mean() > data.images[1].float().mean()


def test_an_archive_of_mixed_sizes_is_refused_and_can_be_made_one(tmp_path):
    path = with_table(tmp_path / "set.zip", {"labels": [["a.png", 0], ["b.png", 0]]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("c.png", picture_bytes(90, 24))
    assert len(dataset.load(path, 16)) == 2  # the table does not name it
    mixed = with_table(tmp_path / "mixed.zip", None)
    with zipfile.ZipFile(mixed, "a") as archive:
        archive.writestr("c.png", picture_bytes(90, 24))
        labels = [["a.png", 0], ["c.png", 0], ["b.png", 0]]
        archive.writestr("dataset.json", json.dumps({"labels": labels}))
    with pytest.raises(ValueError, match=r"c\.png: 24x24 is not allowed; allowed: 16x16"):
        dataset.load(mixed, 16)
    assert dataset.build(mixed, tmp_path / "one.zip", 16).counts == {"0": 3}
    assert len(dataset.load(tmp_path / "one.zip", 16)) == 3


def test_a_picture_that_is_not_square_is_refused(tmp_path):
    path = tmp_path / "set.zip"
    wide = io.BytesIO()
    Image.new("RGB", (32, 16)).save(wide, "png")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", wide.getvalue())
        archive.writestr("dataset.json", json.dumps({"labels": None}))
    with pytest.raises(ValueError, match=r"a\.png: 32x16 is not allowed; allowed: 16x16, square"):
        dataset.load(path, 16)


def test_classes_of_an_archive_outlive_its_folders(tmp_path):
    names = ["00000/img00000000.png", "00000/img00000001.png"]
    table = {"labels": [[names[0], 1], [names[1], 0]], "classes": ["Sc", "Ac"]}
    source = with_table(tmp_path / "source.zip", table, names)
    built = dataset.build(source, tmp_path / "set.zip", 8)
    assert built.counts == {"Sc": 1, "Ac": 1}
    data = dataset.load(tmp_path / "set.zip", 8)
    assert (data.classes, data.labels.tolist()) == (["Sc", "Ac"], [1, 0])


@pytest.mark.parametrize("packed", [False, True])
def test_pictures_without_folders_are_unlabelled(tmp_path, packed):
    source = with_table(tmp_path / "source.zip", None)
    if not packed:
        source = tmp_path / "source"
        with zipfile.ZipFile(tmp_path / "source.zip") as archive:
            archive.extractall(source)
    built = dataset.build(source, tmp_path / "set.zip", 16)
    assert (built.pictures, built.counts) == (2, {})
    assert dataset.load(tmp_path / "set.zip", 16).classes == []


def test_bad_pictures_are_skipped_when_asked_and_said(class_folders, tmp_path):
    (class_folders / "da/da-N003.png").write_bytes(picture_bytes(60)[:200])
    (class_folders / "li/li-N001.png").write_bytes(picture_bytes(60, size=8))
    (class_folders / "li/li-N002.bmp").write_bytes(picture_bytes(60, suffix="bmp"))
    built = dataset.build(class_folders, tmp_path / "set.zip", 16, skip_bad=True)
    assert built.counts == {"da": 11, "li": 11}
    broken, small, foreign = built.skipped
    assert broken.startswith("da/da-N003.png: 'a broken PNG' is not allowed")
    assert small == "li/li-N001.png: 8x8 is not allowed; allowed: at least 16²"
    assert foreign.startswith("li/li-N002.bmp: 'a BMP' is not allowed")
    assert len(dataset.load(tmp_path / "set.zip", 16)) == 22


def test_when_every_picture_is_bad_nothing_is_written(tmp_path):
    source = tmp_path / "pictures"
    (source / "a").mkdir(parents=True)
    (source / "a/x.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"holds no pictures that can be used \(1 skipped\)"):
        dataset.build(source, tmp_path / "set.zip", 16, skip_bad=True)
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_hidden_files_beside_pictures_are_no_pictures(class_folders, tmp_path):
    (class_folders / "da/._da-N003.png").write_bytes(b"resource fork")
    assert dataset.build(class_folders, tmp_path / "set.zip", 16).pictures == 24


def test_an_output_that_cannot_be_written_is_named(class_folders, tmp_path):
    with pytest.raises(ValueError, match=r"no/set\.zip: cannot be written: No such file"):
        dataset.build(class_folders, tmp_path / "no/set.zip", 16)
    with pytest.raises(ValueError, match="nowhere: no such folder or archive"):
        dataset.build(tmp_path / "nowhere", tmp_path / "set.zip", 16)


def test_the_command_lists_what_it_skipped(class_folders, tmp_path, capsys):
    (class_folders / "da/da-N003.png").write_bytes(b"")
    command = ["dataset", str(class_folders), "-o", str(tmp_path / "set.zip")]
    with pytest.raises(SystemExit):
        app([*command, "--resolution", "16", "--skip-bad"], "training")
    printed = " ".join(capsys.readouterr().out.split())
    assert "skipped da/da-N003.png: 'an empty file' is not allowed" in printed
    assert "1 skipped" in printed


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
