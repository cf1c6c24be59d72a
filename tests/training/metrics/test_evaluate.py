"""The whole report of a tiny model, on a feature network of twelve features."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from cell_network import CODES, PER_CLASS
from PIL import Image
from rich.console import Console

from skyserver.model import SkyModel
from training.evaluate import Options, evaluate
from training.metrics import FeatureNetwork, frechet_distance, kernel_distance, sample
from training.metrics.real import RealSet

COUNT = 60


@pytest.fixture(scope="module")
def options(tiny_model, cloud_data, network_file, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return Options(tiny_model, cloud_data, network_file, cache, count=COUNT, threads=1)


def printed(options):
    console = Console(file=io.StringIO(), width=80)
    report = evaluate(options, console)
    return report, console.file.getvalue()


@pytest.fixture(scope="module")
def full(options, tmp_path_factory):
    """The report, what was printed, and the files."""
    folder = tmp_path_factory.mktemp("report")
    panoramas = folder / "panoramas"
    panoramas.mkdir()
    Image.new("RGB", (64, 32), (90, 120, 180)).save(panoramas / "blue.png")
    options = replace(
        options, output=folder / "m.json", picture=folder / "n.webp", panoramas=panoramas
    )
    return *printed(options), options


def test_the_json_keeps_the_keys_that_a_model_file_stores(full, tiny_model):
    _, _, options = full
    saved = json.loads(options.output.read_text())
    assert saved["features"] == "cells.onnx"
    assert saved["distance"] == "FD"
    assert (saved["psi"], saved["seed"]) == (1.0, 0)
    assert saved["model_digest"] == SkyModel.load(tiny_model).info.digest
    for row in ("model", "real, half against half"):
        assert {"count", "fd", "kid", "diversity", "precision", "recall"} <= saved[row].keys()
    assert saved["model"]["count"] == COUNT


def test_figures_are_those_of_the_parts(full, options, cloud_data, network_file, tiny_model):
    report, _, _ = full
    network = FeatureNetwork(network_file)
    real = RealSet(cloud_data, CODES, network, 64, options.cache, lambda *_: lambda _: None)
    wanted = np.random.default_rng(0).choice(real.labels, COUNT)
    fake = network(sample(SkyModel.load(tiny_model), wanted, 1.0, 0))
    assert report.scores["model"].fd == pytest.approx(frechet_distance(fake, real.features))
    assert report.scores["model"].kid == pytest.approx(1000 * kernel_distance(fake, real.features))


def test_the_floor_is_taken_at_the_models_count(full):
    scores = full[0].scores
    rows = [row for name, row in scores.items() if "half" in name]
    assert len(rows) == 3
    assert {row.count for row in rows} == {PER_CLASS * 11 // 2}  # as many as half of the set
    assert scores["real, half against half"].kid < scores["model, against half"].kid


def test_each_class_stands_beside_as_many_real_pictures(full):
    classes = full[0].classes
    assert classes
    for row in classes.values():
        assert row.model.count == row.real.count
        assert row.real_obedience.top3 == 1  # each type has a colour of its own


def test_the_probe_is_judged_on_real_pictures_too(full):
    named = full[0].obedience
    assert named["real"].top1 > 0.7
    assert named["real at 64 px"].top1 == pytest.approx(named["real"].top1, abs=0.05)
    assert named["model"].top1 < 0.5  # it was not trained


def test_views_are_of_both_methods_and_of_the_panoramas(full):
    views = full[0].views
    assert list(views) == ["blend", "mirror", "real panoramas"]
    assert [row.count for row in views.values()] == [COUNT] * 3
    assert [row.skies for row in views.values()] == [12, 12, 1]


def test_the_table_fits_a_terminal(full):
    _, text, _ = full
    assert "view KID x 1000" in text
    assert "Perceptual path length" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_picture_is_small(full):
    picture = full[2].picture
    assert picture.stat().st_size < 100_000
    with Image.open(picture) as sheet:
        assert sheet.width == 798


def test_a_quick_report_has_the_same_figures_and_no_skyboxes(full, options):
    quick, text = printed(replace(options, quick=True))
    assert quick.scores == full[0].scores
    assert quick.obedience == full[0].obedience
    assert (quick.views, quick.path_length) == ({}, None)
    assert "view" not in text


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("count", 10, "--count 10; allowed: at least 50"),
        ("psi", 1.5, r"--psi 1\.5; allowed: 0 to 1"),
        ("output", "none/m.json", "--output .*: there is no such folder"),
        ("panoramas", "none", "none: holds no panoramas"),
        ("picture", "n.mp3", r"--neighbours .*n\.mp3: is not the name of a picture"),
    ],
)
def test_bad_options_are_named_before_anything_is_loaded(options, tmp_path, field, value, reason):
    value = tmp_path / value if isinstance(value, str) else value
    bad = replace(options, model=tmp_path / "no model", **{field: value})
    with pytest.raises(ValueError, match=reason):
        evaluate(bad, Console(file=io.StringIO()))


def test_a_model_of_other_classes_is_refused(options, cloud_data, tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(cloud_data) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'"Ac"', b'"Xx"'))
    with pytest.raises(ValueError, match=r"other\.zip: holds \['Xx', .*allowed: .*\['Ac'"):
        evaluate(replace(options, data=other), Console(file=io.StringIO()))
