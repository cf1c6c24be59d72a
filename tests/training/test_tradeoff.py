"""Errors against a difference that is known, and a plot that shows what it is given."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny
from PIL import Image
from typer.testing import CliRunner, Result

from skyserver.bench import Candidate, Measured
from training import tradeoff
from training.cli import app
from training.quantize.error import Error

SHIFT = 0.05  # of the image in [-1, 1], which tanh and small weights keep well inside


def save(path: Path, change: Callable[[onnx.ModelProto], None] = lambda _: None) -> Candidate:
    model = tiny.tiny_model()
    weights = onnx.numpy_helper.to_array(model.graph.initializer[0]) / 10  # far from the limits
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(weights, "weights"))
    change(model)
    onnx.save(model, path)
    return Candidate(path, "cpu", 1)


def brighten(model: onnx.ModelProto) -> None:
    """Add SHIFT to every value of the image."""
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(SHIFT), "shift"))
    model.graph.node[-1].output[0] = "drawn"
    model.graph.node.append(onnx.helper.make_node("Add", ["drawn", "shift"], ["image"]))


def rename_a_class(model: onnx.ModelProto) -> None:
    for entry in model.metadata_props:
        if entry.key == "skyserver.classes":
            entry.value = entry.value.replace('"Cu"', '"Zz"')


@pytest.fixture
def same(tmp_path: Path) -> Candidate:
    return save(tmp_path / "same.onnx")


@pytest.fixture
def brighter(tmp_path: Path) -> Candidate:
    return save(tmp_path / "brighter.onnx", brighten)


def bench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_a_known_shift_has_its_psnr(same: Candidate, brighter: Candidate) -> None:
    first, again, shifted = tradeoff.errors([same, same, brighter], pictures=1)
    assert (first.squared, again.squared) == (0, 0)
    assert shifted.squared == pytest.approx((SHIFT / 2) ** 2, rel=1e-4)
    assert shifted.psnr == pytest.approx(-20 * np.log10(SHIFT / 2), abs=1e-3)


def test_models_of_other_classes_or_shapes_are_refused(tmp_path: Path, same: Candidate) -> None:
    other = save(tmp_path / "other.onnx", rename_a_class)
    with pytest.raises(ValueError, match=r"other\.onnx: classes Ac .* Zz .*; allowed: .* Cu "):
        tradeoff.errors([same, other], pictures=1)

    def narrow(model: onnx.ModelProto) -> None:
        scales = np.array([1, 1, 8, 4], np.float32)
        index = [tensor.name for tensor in model.graph.initializer].index("scales")
        model.graph.initializer[index].CopyFrom(onnx.numpy_helper.from_array(scales, "scales"))
        model.graph.output[0].type.tensor_type.shape.dim[3].dim_value = 32

    with pytest.raises(ValueError, match=r"narrow\.onnx: width 32; allowed: 64, as in the first"):
        tradeoff.errors([same, save(tmp_path / "narrow.onnx", narrow)], pictures=1)


def test_the_plot_has_a_mark_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(tradeoff.Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    sizes, medians, errors = [8, 2, 1], [0.03, 0.02, 0.01], [0.0, 1e-4, 1e-2]
    measured = [
        Measured(f"{size}.onnx", "cpu", 1, size * 10**6, 0.1, None, (median,), 0.1)
        for size, median in zip(sizes, medians, strict=True)
    ]
    tradeoff.plot(measured, [Error(error, error) for error in errors])
    axes = drawn[0].axes[0]
    marks = [mark.get_offsets()[0].tolist() for mark in axes.collections]
    assert marks == [pytest.approx(p) for p in ([8, 40 + tradeoff.HEADROOM], [2, 40], [1, 20])]
    assert [mark.get_array()[0] for mark in axes.collections] == pytest.approx([30, 20, 10])
    assert [text.get_text().split("\n")[0] for text in axes.texts] == ["8", "2", "1"]


def test_the_command_measures_against_the_first_file(
    tmp_path: Path, same: Candidate, brighter: Candidate
) -> None:
    plot = tmp_path / "plot.png"
    how = ["--backend", "cpu", "--threads", "1", "--runs", "2", "--pictures", "1"]
    result = bench(same.file, brighter.file, *how, "--plot", plot, "--json")
    assert result.exit_code == 0, result.output
    first, second = json.loads(result.stdout)["candidates"]
    assert (first["psnr"], first["levels"]) == (None, 0)
    assert second["psnr"] == pytest.approx(-20 * np.log10(SHIFT / 2), abs=1e-3)
    assert second["file"] == str(brighter.file)
    with Image.open(io.BytesIO(plot.read_bytes())) as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize("plot", ["plot.jpg", "no/plot.png"])
def test_a_plot_that_cannot_be_written_ends_it_before_the_work(
    tmp_path: Path, same: Candidate, plot: str
) -> None:
    result = bench(same.file, tmp_path / "absent.onnx", "--plot", tmp_path / plot)
    assert result.exit_code == 1
    assert plot.split("/")[0] in str(result.exception)
    assert "absent" not in str(result.exception)
