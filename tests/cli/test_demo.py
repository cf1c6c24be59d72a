from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from skyserver import pipeline
from skyserver.cli import app
from skyserver.cli.demo import REQUEST
from skyserver.model import SkyModel

SIZES = {f"{face}.png": (512, 512) for face in pipeline.FACE_NAMES} | {
    "panorama.png": (2048, 1024),
    "view.png": (960, 540),
}


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_demo_writes_a_sky_and_leaves_no_server(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["demo", "-o", str(out), "--model", str(tiny_model)])
    assert result.exit_code == 0, result.output
    assert [server.returncode for server in started] == [0]
    images = {path.name: pixels(path) for path in out.iterdir()}
    assert {name: image.shape[1::-1] for name, image in images.items()} == SIZES
    expected = pipeline.generate(SkyModel.load(tiny_model), REQUEST).artifacts
    assert [(out / artifact.name).read_bytes() for artifact in expected] == [
        artifact.data for artifact in expected
    ]
    assert images["view.png"].std() > 1
    assert str(out / "view.png") in result.stdout
    typed = re.search(r"^  (.+) clouds ", result.stdout, re.MULTILINE)
    assert typed is not None
    told = subprocess.run([*shlex.split(typed[1]), "clouds"], capture_output=True, text=True)
    assert "cumulonimbus" in told.stdout, told.stderr


def test_a_server_that_does_not_start_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    result = CliRunner().invoke(app, ["demo", "-o", str(tmp_path), "--model", str(broken)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "the server did not start: error: " in result.stderr
    assert "broken.onnx" in result.stderr
    assert list(tmp_path.iterdir()) == [broken]


def test_a_folder_that_cannot_be_written_is_noticed_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "cannot be written" in result.stderr
