import io
import json
from dataclasses import replace

import pytest
import torch
from rich.console import Console

from training import checkpoint
from training.config import TrainConfig
from training.loop import Training, to_float
from training.network import GeneratorConfig

TINY = GeneratorConfig(resolution=16, z_dim=16, w_dim=16, channel_base=256, channel_max=32)


@pytest.fixture
def config(tiny_data, tmp_path):
    return TrainConfig(
        data=str(tiny_data),
        run=str(tmp_path / "run"),
        kimg=0.064,
        generator=TINY,
        discriminator="stylegan2",
        tick_kimg=0.032,
        precision="float32",
    )


def quiet():
    return Console(file=io.StringIO())


def class_levels(training):
    """Mean brightness that the averaged generator gives to each class, 0 to 255."""
    z = torch.randn(32, TINY.z_dim, generator=torch.Generator().manual_seed(1))
    eye = torch.eye(2)
    pictures = [training.averaged(z, c.expand(32, -1), noise="none") for c in eye]
    return [float((p.clamp(-1, 1).mean() + 1) * 127.5) for p in pictures]


def test_training_learns_the_classes(config):
    training = Training(replace(config, kimg=2.4, tick_kimg=2.4, lr_g=5e-3, ema_kimg=0.2))
    training.run(quiet())
    dark, light = class_levels(training)
    assert dark < 110
    assert light > 150


def test_a_tick_leaves_options_a_log_line_a_grid_and_a_checkpoint(config):
    Training(config).run(quiet())
    folder = config.run
    from pathlib import Path

    names = sorted(path.name for path in Path(folder).iterdir())
    assert names == [
        "checkpoint.safetensors",
        "log.jsonl",
        "options.json",
        "samples-0000032.webp",
        "samples-0000064.webp",
    ]
    lines = [json.loads(line) for line in (Path(folder) / "log.jsonl").read_text().splitlines()]
    assert [line["kimg"] for line in lines] == [0.032, 0.064]
    assert all(line["sec_per_kimg"] > 0 and "loss_d" in line for line in lines)
    assert TrainConfig.from_json((Path(folder) / "options.json").read_text()).generator.classes == 2


@pytest.mark.parametrize("discriminator", ["stylegan2", "projected"])
def test_a_run_goes_on_from_its_checkpoint(config, discriminator):
    config = replace(config, discriminator=discriminator, batch=4, kimg=0.008, tick_kimg=0.004)
    first = Training(config)
    first.run(quiet())
    saved = checkpoint.load(first.folder / "checkpoint.safetensors")
    second = Training(replace(config, kimg=0.012), resume=saved)
    assert second.kimg == pytest.approx(0.008)
    for a, b in zip(first.averaged.parameters(), second.averaged.parameters(), strict=True):
        assert torch.equal(a, b)
    moments = second.objective.opt_g.state_dict()["state"][0]["exp_avg"]
    assert torch.equal(moments, first.objective.opt_g.state_dict()["state"][0]["exp_avg"])
    second.run(quiet())
    assert second.kimg == pytest.approx(0.012)


def test_a_grown_run_starts_from_the_smaller_one(config):
    small = Training(replace(config, generator=replace(TINY, resolution=8)))
    small.run(quiet())
    saved = checkpoint.load(small.folder / "checkpoint.safetensors")
    grown = Training(replace(config, kimg=0.08), init=saved)
    assert grown.generator.config.resolution == 16
    assert torch.equal(
        grown.generator.synthesis.b8.conv1.weight, small.generator.synthesis.b8.conv1.weight
    )
    assert torch.equal(
        grown.objective.discriminator.b4.fc.weight, small.objective.discriminator.b4.fc.weight
    )
    grown.run(quiet())
    assert grown.kimg == pytest.approx(0.08)


def test_a_run_starts_from_another_of_its_size_with_new_optimizers(config):
    first = Training(config)
    first.run(quiet())
    saved = checkpoint.load(first.folder / "checkpoint.safetensors")
    second = Training(config, init=saved)
    assert torch.equal(second.generator.mapping.fc0.weight, first.generator.mapping.fc0.weight)
    assert not second.objective.opt_g.state_dict()["state"]


def test_a_checkpoint_of_another_shape_is_refused(config):
    first = Training(config)
    first.run(quiet())
    saved = checkpoint.load(first.folder / "checkpoint.safetensors")
    other = replace(config, generator=replace(TINY, channel_max=16))
    with pytest.raises(ValueError, match="does not fit"):
        Training(other, init=saved)


def test_average_follows_the_generator(config):
    training = Training(config)
    training.kimg = 100.0  # far past the ramp
    for parameter in training.generator.parameters():
        parameter.data.add_(1.0)
    before = training.averaged.mapping.embed.bias.clone()
    training._average(batch=2000)  # one half-life
    assert torch.allclose(training.averaged.mapping.embed.bias, before + 0.5, atol=1e-6)


def test_pictures_become_minus_one_to_one():
    assert to_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]


def test_an_interrupted_run_is_saved(config, monkeypatch):
    training = Training(config)
    step = training._step

    def interrupt():
        if training.kimg > 0.016:
            raise KeyboardInterrupt
        return step()

    monkeypatch.setattr(training, "_step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        training.run(quiet())
    assert checkpoint.load(training.folder / "checkpoint.safetensors").kimg == pytest.approx(0.032)
