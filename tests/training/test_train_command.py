"""Which run the options of `train` make; what it does is tested with the loop."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from training import checkpoint, loop, presets
from training.checkpoint import Checkpoint
from training.cli import app
from training.config import TrainConfig


@pytest.fixture
def started(monkeypatch):
    """Runs that would have been started."""
    runs = []

    class Recorded:
        def __init__(self, config, resume, init):
            self.config, self.resume, self.init = config, resume, init
            self.kimg, self.copied = resume.kimg if resume else 0.0, {}
            runs.append(self)

        def run(self, console):
            pass

    monkeypatch.setattr(loop, "Training", Recorded)
    return runs


@pytest.fixture
def saved(tmp_path):
    """A checkpoint of an unconditional run with options of its own."""
    config = presets.configure(
        {**presets.options("sky64"), "data": "old.zip", "run": "old", "kimg": 9.0, "w_dim": 32}
    )
    config = replace(config, lr_g=0.5, generator=replace(config.generator, classes=0))
    path = tmp_path / "saved.safetensors"
    checkpoint.save(Checkpoint(config, 4.0, [], {}), path)
    return path


def train(tmp_path, *options):
    own = ["--data", "d.zip", "--run", tmp_path / "run", "--kimg", "8"]
    return CliRunner().invoke(app, ["train", *map(str, (*own, *options))])


def refusal(tmp_path, *options):
    error = train(tmp_path, *options).exception
    assert isinstance(error, ValueError)
    assert "\n" not in str(error)
    return str(error)


def test_without_options_it_is_the_default_preset(started, tmp_path):
    result = train(tmp_path)
    assert result.exit_code == 0
    expected = presets.options(presets.DEFAULT) | {"data": "d.zip", "run": str(tmp_path / "run")}
    assert started[0].config == presets.configure(expected | {"kimg": 8.0})
    assert TrainConfig.from_json(result.stdout) == started[0].config


def test_options_by_name_go_before_the_preset(started, tmp_path):
    train(tmp_path, "--preset", "stylegan2-128", "--batch", 8, "--no-latent-input", "--w-dim", 64)
    config = started[0].config
    assert (config.batch, config.generator.w_dim, config.generator.z_dim) == (8, 64, 512)
    assert (config.generator.resolution, config.discriminator) == (128, "stylegan2")


def test_a_resumed_run_keeps_its_options_but_for_those_given(started, saved, tmp_path):
    train(tmp_path, "--resume", saved, "--lr-d", 0.25)
    config = started[0].config
    assert started[0].resume.kimg == 4.0
    assert (config.lr_g, config.lr_d, config.generator.w_dim, config.kimg) == (0.5, 0.25, 32, 8.0)
    assert (config.data, config.run) == ("d.zip", str(tmp_path / "run"))


def test_a_run_from_other_networks_has_their_shape(started, saved, tmp_path):
    train(tmp_path, "--init", saved, "--preset", "sky128")
    config = started[0].config
    assert (config.generator.w_dim, config.generator.resolution, config.lr_g) == (32, 128, 1e-3)
    assert not config.conditional
    assert started[0].init.kimg == 4.0


def test_a_transfer_makes_the_model_conditional(started, saved, tmp_path):
    train(tmp_path, "--init", saved, "--transfer", "gd")
    assert started[0].config.conditional
    assert started[0].config.transfer == "gd"
    train(tmp_path, "--init", saved, "--transfer", "gd", "--unconditional")
    assert not started[1].config.conditional


def test_contradictions_are_refused(started, saved, tmp_path):
    assert "--resume" in refusal(tmp_path, "--resume", saved, "--init", saved)
    assert "--preset" in refusal(tmp_path, "--resume", saved, "--preset", "sky64")
    assert refusal(tmp_path, "--transfer", "g").startswith("--transfer: needs --init")
    assert not started


def test_bad_options_are_refused_before_a_checkpoint_is_read(started, tmp_path):
    missing = ["--resume", tmp_path / "no.safetensors"]
    assert refusal(tmp_path, "--augment", "x", *missing).startswith("augment: 'x' is not allowed")
    assert refusal(tmp_path, "--preset", "x").startswith("preset: 'x' is not allowed")
    assert "no.safetensors" in refusal(tmp_path, *missing)
    assert not started


def test_the_folder_of_another_run_is_refused_before_the_data_is_read(started, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/checkpoint.safetensors").touch()
    assert "holds the checkpoint of a run" in refusal(tmp_path)
    assert not started


@pytest.mark.usefixtures("started")
def test_a_length_that_is_reached_is_refused(saved, tmp_path):
    short = ["--kimg", 4.0, "--resume", saved]
    assert refusal(tmp_path, *short).endswith("allowed: above 4, where the checkpoint stands")


def test_a_dry_run_does_not_run(started, tmp_path, monkeypatch):
    monkeypatch.setattr("training.rehearsal.rehearse", lambda _, out: out.print("tried"))
    monkeypatch.setattr(loop.Training, "run", lambda *_: pytest.fail("it ran"))
    assert "tried" in train(tmp_path, "--dry-run").stdout
    assert len(started) == 1
