"""The workshop's command line as its user meets it: a process, its output, its exit code."""

import subprocess
import sys
from pathlib import Path

from skyserver.model import SkyModel

ROOT = Path(__file__).parents[2]


def training(*arguments):
    command = [sys.executable, "-m", "training", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_from_pictures_to_a_model_file(class_folders, tmp_path):
    data, run, model = tmp_path / "set.zip", tmp_path / "run", tmp_path / "model.onnx"
    made = training("dataset", class_folders, "-o", data, "--resolution", 16)
    assert made.returncode == 0, made.stderr
    assert "24 pictures" in made.stdout
    size = [
        "--resolution",
        16,
        "--z-dim",
        8,
        "--w-dim",
        8,
        "--channel-base",
        64,
        "--channel-max",
        8,
    ]
    length = ["--kimg", 0.016, "--tick-kimg", 0.016, "--batch", 8]
    trained = training(
        "train", "--data", data, "--run", run, "--discriminator", "stylegan2", *size, *length
    )
    assert trained.returncode == 0, trained.stderr
    assert "kimg" in trained.stdout
    measured = tmp_path / "metrics.json"
    measured.write_text('{"model": {"kid": 1.5}, "classes": {"da": {}}}')
    named = ["--name", "two", "--metrics", measured]
    exported = training("export", run / "checkpoint.safetensors", "-o", model, *named)
    assert exported.returncode == 0, exported.stderr
    assert SkyModel.load(model).info.training["metrics"] == {"model": {"kid": 1.5}}
    assert model.exists()
    inspected = subprocess.run(
        [sys.executable, "-m", "skyserver", "models", "--model", model],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "two" in inspected.stdout
    assert "da li" in inspected.stdout


def test_a_dry_run_tries_everything_and_writes_nothing(tiny_data, tmp_path):
    run = tmp_path / "run"
    length = ["--kimg", 0.1, "--batch", 8, "--resolution", 8, "--channel-base", 64]
    tried = training(
        "train", "--data", tiny_data, "--run", run, "--preset", "stylegan2-64", *length, "--dry-run"
    )
    assert tried.returncode == 0, tried.stderr
    assert '"r1_gamma": 0.0256' in tried.stdout
    assert "32 pictures, 2 classes" in tried.stdout
    assert "s/kimg" in tried.stdout
    assert not run.exists()


def test_a_mistake_is_one_line(tmp_path):
    missing = training(
        "train", "--data", tmp_path / "no.zip", "--run", tmp_path / "run", "--kimg", 1
    )
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: ")
    assert missing.stderr.count("\n") == 1
    assert "no.zip" in missing.stderr
    assert not (tmp_path / "run").exists()


def test_a_bad_option_is_named_before_anything_is_loaded(tmp_path):
    bad = training(
        "train", "--data", tmp_path / "no.zip", "--run", tmp_path, "--kimg", 1, "--batch", 1
    )
    assert bad.returncode == 1
    assert "batch: 1 is not allowed" in bad.stderr
