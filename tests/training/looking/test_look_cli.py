"""The commands as functions of the command line, in this process."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from training.cli import app
from training.looking.project import Projector


def size(path):
    with Image.open(path) as image:
        return image.size


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_grid_of_several_checkpoints(conditional_file, unconditional_file, tmp_path):
    output = tmp_path / "grid.png"
    done = run("grid", conditional_file, unconditional_file, "-o", output, "--seeds", "0-2")
    assert done.exit_code == 0, done.output
    assert "grid.png: " in done.output
    assert size(output)[0] > 6 * 64


def test_mix(conditional_file, tmp_path):
    output = tmp_path / "mix.webp"
    sources = ("--rows", "Cu:1,St:2", "--columns", "Xx:3")
    done = run("mix", conditional_file, "-o", output, *sources, "--layers", "4-5")
    assert done.exit_code == 0, done.output
    assert size(output)[1] > 3 * 64


def test_walk(conditional_file, tmp_path):
    output = tmp_path / "walk.gif"
    length = ("--seconds", 0.5, "--fps", 12)
    done = run("walk", conditional_file, "-o", output, "--classes", "Cu,St", *length)
    assert done.exit_code == 0, done.output
    assert "6 frames" in done.output
    with Image.open(output) as image:
        assert image.n_frames == 6


def test_project(conditional_file, tmp_path):
    Image.fromarray(np.full((20, 30, 3), 120, np.uint8)).save(tmp_path / "photo.png")
    output, style = tmp_path / "found.png", tmp_path / "w.safetensors"
    arguments = ("-o", output, "--save-w", style, "--cloud", "St", "--steps", 2)
    done = run("project", conditional_file, tmp_path / "photo.png", *arguments)
    assert done.exit_code == 0, done.output
    assert "St after 2 steps: distance" in done.output
    assert output.exists()
    assert style.exists()


def test_project_that_is_interrupted_keeps_what_it_has(conditional_file, tmp_path, monkeypatch):
    Image.fromarray(np.full((20, 20, 3), 120, np.uint8)).save(tmp_path / "photo.png")
    step = Projector.step

    def interrupted(self):
        if self.done == 1:
            raise KeyboardInterrupt
        return step(self)

    monkeypatch.setattr(Projector, "step", interrupted)
    output = tmp_path / "found.png"
    done = run("project", conditional_file, tmp_path / "photo.png", "-o", output, "--cloud", "Cu")
    assert done.exit_code == 130
    assert "Cu after 1 steps" in done.output
    assert output.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grid", "X", "-o", "a.png", "--seeds", "3-1"), "--seeds: "),
        (("grid", "X", "-o", "a.png", "--psi", "7"), "--psi: 7.0 is not allowed"),
        (("grid", "X", "-o", "a.tiff"), "a.tiff: must end in .png or .webp"),
        (("grid", "X", "-o", "a.png"), "X: cannot be read as a checkpoint"),
        (("walk", "X", "-o", "a.gif", "--fps", "0"), "--fps: 0 is not allowed"),
        (("walk", "X", "-o", "a.gif", "--seconds", "nan"), "--seconds: nan is not allowed"),
        (("walk", "X", "-o", "a.gif", "--space", "y"), "--space: 'y' is not allowed"),
        (("mix", "X", "-o", "a.png", "--rows", "1", "--columns", "b"), "--columns: 'b'"),
        (("project", "X", "Y", "-o", "a.png", "--steps", "0"), "--steps: 0 is not allowed"),
    ],
)
def test_a_mistake_is_named_before_anything_is_drawn(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed = run(*arguments)
    assert isinstance(failed.exception, ValueError)
    assert message in str(failed.exception)
    assert "\n" not in str(failed.exception)
    assert not list(tmp_path.iterdir())
