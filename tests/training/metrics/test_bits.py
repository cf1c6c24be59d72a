import json

import numpy as np
import onnx
import pytest
from cell_network import CODES
from onnx import numpy_helper
from PIL import Image
from typer.testing import CliRunner

from skyserver.model import SkyModel
from training.cli import app
from training.metrics import FeatureNetwork, kernel_distance, sample, skybox_views
from training.metrics.real import RealSet

COUNT = 50


def changed(path, to, change):
    model = onnx.load(path)
    (tensor,) = [t for t in model.graph.initializer if t.name == "weights"]
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), "weights"))
    onnx.save(model, to)
    return to


@pytest.fixture(scope="module")
def compared(tiny_model, cloud_data, network_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bits")
    coarse = changed(tiny_model, folder / "coarse.onnx", lambda w: np.round(w * 8) / 8)
    arguments = ["bits", tiny_model, coarse, "--data", cloud_data, "--features", network_file]
    arguments += ["--count", COUNT, "--cache", folder, "--classes", f"{CODES[1]},{CODES[0]}"]
    arguments += ["--picture", folder / "sheet.png", "-o", folder / "bits.json", "--threads", 1]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output, json.loads((folder / "bits.json").read_text()), folder


def test_the_figures_against_photographs_are_those_of_the_metrics(
    compared, tiny_model, cloud_data, network_file
):
    _, rows, folder = compared
    network = FeatureNetwork(network_file, 1)
    real = RealSet(cloud_data, CODES, network, 64, folder, lambda *_: lambda _: None)
    labels = np.random.default_rng(0).choice(real.labels, COUNT)
    for row, path in zip(rows, (tiny_model, folder / "coarse.onnx"), strict=True):
        model = SkyModel.load(path, 1)
        fakes = network(sample(model, labels, 1.0, 0))
        assert row["kid"] == pytest.approx(1000 * kernel_distance(fakes, real.features), rel=1e-4)
        views = network(skybox_views.sky_views(model, labels[: COUNT // 5], "blend", 0))
        assert row["view_kid"] == pytest.approx(
            1000 * kernel_distance(views, real.features), rel=1e-4
        )


def test_the_error_is_that_of_the_same_latents(compared, tiny_model, cloud_data, network_file):
    _, (first, coarse), folder = compared
    network = FeatureNetwork(network_file, 1)
    real = RealSet(cloud_data, CODES, network, 64, folder, lambda *_: lambda _: None)
    labels = np.random.default_rng(0).choice(real.labels, COUNT)
    pictures = [
        sample(SkyModel.load(path, 1), labels, 1.0, 0) / 255
        for path in (tiny_model, folder / "coarse.onnx")
    ]
    psnr = -10 * np.log10(np.square(pictures[0] - pictures[1]).mean())
    assert coarse["psnr"] == pytest.approx(psnr, abs=0.05)
    assert first["distance"] == 0
    assert coarse["distance"] > 0.01
    assert coarse["size"] == (folder / "coarse.onnx").stat().st_size


def test_the_picture_has_a_row_for_each_class_and_a_column_for_each_file(compared):
    output, _, folder = compared
    with Image.open(folder / "sheet.png") as picture:
        assert picture.height > 2 * 64
        assert picture.width > 2 * 64
    assert "coarse" in output


def test_files_that_cannot_be_compared_are_refused(tiny_model, cloud_data, network_file, tmp_path):
    other = tmp_path / "other.onnx"
    model = onnx.load(tiny_model)
    (classes,) = [p for p in model.metadata_props if p.key == "skyserver.classes"]
    classes.value = classes.value.replace('"Cu"', '"Xx"')
    onnx.save(model, other)
    for arguments, message in (
        ([other], "other.onnx: 10 x 16 latents, 64 x 64 pixels of "),
        (["--classes", "Zz"], "--classes: 'Zz' is not allowed"),
        (["--count", "3"], "--count: 3 is not allowed; allowed: at least 50"),
    ):
        command = ["bits", tiny_model, *arguments, "--data", cloud_data, "--features", network_file]
        result = CliRunner().invoke(app, [str(argument) for argument in command])
        assert message in str(result.exception)
        assert "\n" not in str(result.exception)
