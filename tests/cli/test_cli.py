"""The command line: a real process for what users do, the runner for what they get wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny
from live import live_server
from PIL import Image as Pillow
from typer.testing import CliRunner, Result

from skyserver import __version__, pipeline
from skyserver.cli import app
from skyserver.cli.options import complete_cloud
from skyserver.clouds import CLOUD_TYPES
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.server.config import ServerConfig


def skyserver(
    *arguments: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "skyserver", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def assert_one_line_error(result: Result, exit_code: int, *parts: str) -> None:
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    for part in parts:
        assert part in lines[0]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
    path = tmp_path / "picture.png"
    Pillow.fromarray(pixels).save(path)
    return path


def test_generate_in_a_real_process(tmp_path: Path, tiny_model: Path) -> None:
    done = skyserver(
        "generate", "--cloud", "cumulus", "--seed", "7", "--size", "512",
        "--model", tiny_model, "-o", "sky.png", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    data = (tmp_path / "sky.png").read_bytes()
    assert said["files"] == [
        {
            "path": "sky.png",
            "media_type": "image/png",
            "width": 512,
            "height": 256,
            "bytes": len(data),
        }
    ]
    model = SkyModel.load(tiny_model)
    assert (said["model"], said["backend"]) == (model.info.digest, model.backend)
    assert said["request"]["seed"] == 7
    assert np.linalg.norm(said["sun"]["direction"]) == pytest.approx(1, abs=1e-5)
    assert set(said["seconds"]) == set(pipeline.STAGES)
    request = SkyRequest("Cu", 7, outputs=(Output(size=512),))
    assert data == pipeline.generate(model, request).artifacts[0].data
    assert [path.name for path in tmp_path.iterdir()] == ["sky.png"]


def test_generate_faces_into_a_folder(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "faces"
    result = run(
        "generate", "--cloud", "Ci", "--layout", "faces", "--size", 128, "--format", "jpg",
        "--orientation", "threejs", "--model", tiny_model, "-o", folder,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    names = [f"{face}.jpg" for face in ("px", "nx", "py", "ny", "pz", "nz")]
    assert result.stdout.splitlines() == [f"{folder / name}  128 x 128" for name in names]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_generate_through_a_server_gives_the_same_file(tmp_path: Path, tiny_model: Path) -> None:
    here, there = tmp_path / "here.png", tmp_path / "there.png"
    asked = ["generate", "--cloud", "Cb", "--seed", 5, "--psi", 0.5, "--size", 512, "--json"]
    asked += ["--mix-with", "Ci", "--mix-share", 0.3]
    local = run(*asked, "--model", tiny_model, "-o", here)
    model = SkyModel.load(tiny_model, threads=1)
    with live_server([model], ServerConfig(port=0)) as address:
        remote = run(*asked, "--server", address, "-o", there)
        clouds = run("clouds", "--server", address, "--json")
        models = run("models", "--server", address)
        facts = run("models", "--server", address, "--json")
        unknown = run("models", "--server", address, "--model", "other")
    assert remote.exit_code == 0, remote.output
    assert here.read_bytes() == there.read_bytes()
    assert json.loads(remote.stdout)["request"]["mix_with"] == "Ci"
    assert json.loads(remote.stdout)["model"] == json.loads(local.stdout)["model"]
    assert clouds.stdout == run("clouds", "--model", tiny_model, "--json").stdout
    assert models.stdout == run("models", "--model", tiny_model).stdout
    assert json.loads(facts.stdout)[0]["backend"] == model.backend
    assert_one_line_error(unknown, 2, "model: 'other' is unknown; known: tiny")


def test_convert(tmp_path: Path, picture: Path) -> None:
    cross = tmp_path / "cross.webp"
    result = run("convert", picture, "--layout", "vertical-cross", "--size", 128, "-o", cross)
    assert result.exit_code == 0, result.output
    with Pillow.open(cross) as image:
        assert (image.format, image.size) == ("WEBP", (384, 512))
    back = run("convert", cross, "--size", 512, "-o", tmp_path / "back.jpg", "--json")
    assert json.loads(back.stdout)["files"][0]["width"] == 512


def test_clouds_and_models(tiny_model: Path) -> None:
    clouds = run("clouds", "--model", tiny_model)
    assert len(clouds.stdout.splitlines()) == len(CLOUD_TYPES)
    for line, cloud in zip(clouds.stdout.splitlines(), CLOUD_TYPES, strict=True):
        assert line.split(maxsplit=2) == [cloud.code, cloud.name, cloud.description]
    models = run("models", "--model", tiny_model, "--json")
    (facts,) = json.loads(models.stdout)
    assert (facts["name"], facts["width"], facts["training"]) == ("tiny", 64, {"kimg": 0})
    assert "CC0-1.0" in run("models", "--model", tiny_model).stdout


def test_version_and_help() -> None:
    assert run("--version").stdout == f"skyserver {__version__}\n"
    help_text = run("--help").stdout
    for command in ("generate", "convert", "clouds", "models", "bench", "serve", "demo"):
        assert command in help_text


@pytest.mark.parametrize(
    ("arguments", "exit_code", "parts"),
    [
        (["--cloud", "fog", "-o", "sky.png"], 2, ["cloud: 'fog' is unknown", "Cu (cumulus)"]),
        (["--cloud", "Cu", "--mix-with", "fog", "-o", "sky.png"], 2, ["mix_with: 'fog' is unkn"]),
        (["--cloud", "Cu", "-o", "sky.png", "--psi", "1.5"], 2, ["psi: 1.5", "0.0 to 1.0"]),
        (["--cloud", "Cu", "-o", "sky.png", "--seed", "-1"], 2, ["seed: -1", "0 to 1844"]),
        (["--cloud", "Cu", "-o", "sky.png", "--size", "100"], 2, ["size: 100", "512, 1024"]),
        (["--cloud", "Cu", "-o", "sky.png", "--layout", "ball"], 2, ["layout: 'ball'", "strip"]),
        (["--cloud", "Cu", "-o", "sky.gif"], 2, ["output: 'sky.gif'", ".png"]),
        (["--cloud", "Cu", "-o", "sky.png", "--format", "png"], 2, ["format"]),
        (["--cloud", "Cu", "-o", "none/sky.png"], 1, ["none: cannot be written"]),
        (["--cloud", "Cu", "-o", "sky.png", "--model", "none.onnx"], 1, ["none.onnx: cannot be"]),
        (["--cloud", "Cu", "-o", "sky.png", "--backend", "tpu"], 2, ["backend: 'tpu'", "cpu"]),
        (["--cloud", "Cu", "-o", "sky.png", "--server", "127.0.0.1:9"], 1, ["127.0.0.1:9: no Sky"]),
    ],
)
def test_generate_errors(
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    exit_code: int,
    parts: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if not {"--model", "--server"} & set(arguments):
        arguments = [*arguments, "--model", str(tiny_model)]
    assert_one_line_error(run("generate", *arguments), exit_code, *parts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["generate"], ["generate", "--seed", "x"], ["paint"]])
def test_usage_errors(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_output_is_checked_before_the_model_is_read(tmp_path: Path) -> None:
    result = run("generate", "--cloud", "Cu", "-o", tmp_path / "no" / "sky.png", "--model", "none")
    assert_one_line_error(result, 1, "cannot be written")


def test_unsafe_and_damaged_models(tmp_path: Path) -> None:
    proto = tiny.tiny_model()
    proto.graph.initializer[0].external_data.add(key="location", value="x")
    onnx.save(proto, tmp_path / "external.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    for name, reason in (("external.onnx", "external data"), ("text.onnx", "not an ONNX file")):
        arguments = ["--cloud", "Cu", "-o", tmp_path / "sky.png", "--model", tmp_path / name]
        assert_one_line_error(run("generate", *arguments), 1, name, reason)
    assert not (tmp_path / "sky.png").exists()


@pytest.mark.parametrize("content", [b"", b"a text called .png\n", b"\x89PNG\r\n\x1a\n\0\0"])
def test_convert_names_an_unreadable_file(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(content)
    result = run("convert", broken, "-o", tmp_path / "sky.png")
    assert_one_line_error(result, 1, f"{broken}: ")
    assert not (tmp_path / "sky.png").exists()


def test_convert_errors(tmp_path: Path, picture: Path) -> None:
    sky = tmp_path / "sky.png"
    assert_one_line_error(run("convert", tmp_path / "none.png", "-o", sky), 1, "none.png: ")
    assert_one_line_error(run("convert", picture, picture, "-o", sky), 2, "images: 2")
    assert_one_line_error(run("convert", picture, "--kind", "strip", "-o", sky), 2, "picture.png: ")
    assert_one_line_error(run("convert", picture, "--kind", "ball", "-o", sky), 2, "kind: 'ball'")
    before = picture.read_bytes()
    assert_one_line_error(run("convert", picture, "-o", picture), 2, "output: ")
    assert picture.read_bytes() == before
    assert not sky.exists()


def test_progress_is_for_terminals_alone(tmp_path: Path, tiny_model: Path) -> None:
    arguments = ["generate", "--cloud", "Cu", "--size", "512", "--model", tiny_model, "-o", "a.png"]
    assert skyserver(*arguments, cwd=tmp_path).stderr == ""
    terminal = skyserver(*arguments, cwd=tmp_path, TTY_COMPATIBLE="1")
    assert "encode" in terminal.stderr
    assert terminal.stdout == "a.png  512 x 256\n"


def open_once_read(pipe: Path, reader: subprocess.Popen[str]) -> int:
    """Open a named pipe to write, which fails until the reader has it open."""
    while reader.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"it ended before: {reader.stderr and reader.stderr.read()}")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe and SIGINT")
def test_interrupt_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    """The command waits for its model on a pipe: Ctrl-C comes while it does."""
    os.mkfifo(tmp_path / "model.onnx")
    command = [sys.executable, "-m", "skyserver", "generate", "--cloud", "Cu", "-o", "sky.png"]
    process = subprocess.Popen(
        [*command, "--model", "model.onnx"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    pipe = open_once_read(tmp_path / "model.onnx", process)
    process.send_signal(signal.SIGINT)
    os.close(pipe)  # a signal that came just before it read would not wake it
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_the_shell_completes_commands_and_clouds() -> None:
    script = "import sys; sys.argv[0] = 'skyserver'; from skyserver.cli import main; main()"

    def complete(words: str, position: int) -> list[str]:
        environment = {
            **os.environ,
            "_SKYSERVER_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(position),
        }
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True
        )
        return done.stdout.split()

    assert complete("skyserver ge", 1) == ["generate"]
    assert complete("skyserver generate --cloud S", 3) == ["Sc", "St"]
    assert complete("skyserver generate --layout f", 3) == ["faces"]


def test_cloud_completion_by_code_and_name() -> None:
    assert complete_cloud("S") == [("Sc", "stratocumulus"), ("St", "stratus")]
    assert complete_cloud("cirros") == [("cirrostratus", "Cs")]
    assert len(complete_cloud("")) == 2 * len(CLOUD_TYPES)
