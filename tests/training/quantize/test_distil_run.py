import json

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from training import checkpoint
from training.checkpoint import Checkpoint
from training.cli import app
from training.config import TrainConfig
from training.network import Generator, GeneratorConfig
from training.quantize import distil_run
from training.quantize.distil import Distillation, Options

TINY = GeneratorConfig(resolution=8, classes=2, z_dim=8, w_dim=16, channel_base=256, channel_max=16)
OPTIONS = Options(bits=4, kimg=0.006, batch=2)


@pytest.fixture
def teacher(tmp_path):
    torch.manual_seed(0)
    parts = {"G_ema": Generator(TINY).state_dict()}
    path = tmp_path / "teacher.safetensors"
    config = TrainConfig("set.zip", "run", 1.0, TINY)
    checkpoint.save(Checkpoint(config, 1.0, ["Cu", "St"], parts), path)
    return path


def distil(teacher, folder, options=OPTIONS):
    return distil_run.run(teacher, folder, options, Console(quiet=True))


def test_an_interrupted_run_is_saved_and_goes_on_to_what_it_would_have_become(
    teacher, tmp_path, monkeypatch
):
    whole = checkpoint.load(distil(teacher, tmp_path / "whole"))
    step = Distillation.step

    def interrupted(self):
        self.interrupted = True  # as Ctrl-C sets it
        return step(self)

    with monkeypatch.context() as patched:
        patched.setattr(Distillation, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            distil(teacher, tmp_path / "parts")
    assert checkpoint.load(tmp_path / "parts" / "checkpoint.safetensors").parts["distillation"] == {
        "shown": torch.tensor(2)
    }
    resumed = checkpoint.load(distil(teacher, tmp_path / "parts"))
    found, expected = (c.generator("G_ema").state_dict() for c in (resumed, whole))
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    log = (tmp_path / "parts" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["kimg"] for line in log] == [0.002, 0.006]


def test_the_command_writes_a_generator_with_few_values_a_row(teacher, tmp_path):
    arguments = ["--bits", "2", "--kimg", "0.002", "--batch", "2", "--run", str(tmp_path / "run")]
    for _ in range(2):  # the second time there is nothing left to do
        result = CliRunner().invoke(app, ["distil", str(teacher), *arguments])
        assert result.exit_code == 0, result.output
        assert "to be exported and quantized as int2" in " ".join(result.output.split())
    weight = checkpoint.load(tmp_path / "run" / "checkpoint.safetensors").generator("G_ema")
    blocks = weight.synthesis.b8.conv1.weight.detach().flatten(1).unflatten(1, (-1, 36))
    assert all(len(block.unique()) <= 3 for row in blocks for block in row)
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 1


def test_a_folder_of_another_run_is_refused(teacher, tmp_path):
    folder = tmp_path / "run"
    distil(teacher, folder, Options(bits=4, kimg=0.002, batch=2))
    with pytest.raises(ValueError, match=r"run: was begun with other options:\n.*\n  bits +4 +3"):
        distil(teacher, folder, Options(bits=3, kimg=0.002, batch=2))
    other = tmp_path / "training"
    other.mkdir()
    (other / "checkpoint.safetensors").write_bytes(teacher.read_bytes())
    with pytest.raises(ValueError, match="holds the checkpoint of a training"):
        distil(teacher, other)
