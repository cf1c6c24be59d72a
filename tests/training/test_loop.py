import io
import json
import math
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from training import checkpoint, distributed
from training.config import TrainConfig
from training.loop import Training
from training.network import GeneratorConfig

LEVELS = {"da": 60, "li": 200}  # of the data set
TINY = GeneratorConfig(resolution=8, z_dim=16, w_dim=16, channel_base=64, channel_max=16)
BATCH = 8


@pytest.fixture
def config(tiny_data, tmp_path):
    return TrainConfig(
        data=str(tiny_data),
        run=str(tmp_path / "run"),
        kimg=0.032,
        generator=TINY,
        discriminator="stylegan2",
        augment="ada",
        batch=BATCH,
        tick_kimg=0.016,
        precision="float32",
    )


def quiet():
    return Console(file=io.StringIO())


def finished(config, **start):
    """Checkpoint that a run leaves."""
    Training(config, **start).run(quiet())
    return checkpoint.load(Path(config.run) / "checkpoint.safetensors")


def elsewhere(config, **changes):
    return replace(config, run=config.run + "-2", **changes)


def said(config):
    lines = (Path(config.run) / "log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def class_levels(training):
    """Mean brightness that the averaged generator gives to each class, 0 to 255."""
    z = torch.randn(32, TINY.z_dim, generator=torch.Generator().manual_seed(1))
    eye = torch.eye(2)
    pictures = [training.averaged(z, c.expand(32, -1), noise="none") for c in eye]
    return [float((p.clamp(-1, 1).mean() + 1) * 127.5) for p in pictures]


def test_training_learns_the_classes(config):
    training = Training(
        replace(config, kimg=0.8, tick_kimg=0.8, lr_g=0.02, ema_kimg=0.1, augment="none")
    )
    training.run(quiet())
    dark, light = class_levels(training)
    assert dark == pytest.approx(LEVELS["da"], abs=30)
    assert light == pytest.approx(LEVELS["li"], abs=30)


@pytest.mark.parametrize("augment", ["ada", "diffaugment"])
def test_stop_and_go_is_going_on(config, augment):
    """Data order, latents, noise, augmentation, optimizers and averages, over a pass's end."""
    config = replace(config, augment=augment, ada_kimg=0.05, kimg=0.064, tick_kimg=BATCH / 1000)
    whole = finished(config)
    half = finished(elsewhere(config, kimg=0.032))
    resumed = finished(elsewhere(config), resume=half)
    timing = ("time", "sec_per_kimg")
    for a, b in zip(said(config), said(elsewhere(config)), strict=True):
        assert {k: v for k, v in a.items() if k not in timing} == pytest.approx(
            {k: v for k, v in b.items() if k not in timing}, abs=1e-5
        )
    assert whole.parts.keys() == resumed.parts.keys() > {"G", "G_ema", "D", "opt_g", "random"}
    for part, tensors in whole.parts.items():
        for name, tensor in tensors.items():
            other = resumed.parts[part][name]
            assert torch.allclose(tensor.float(), other.float(), atol=1e-5), f"{part}/{name}"


def test_bfloat16_computes_what_float32_does(config):
    """To eight bits, and not the same, or it would not be bfloat16."""
    config = replace(config, augment="none")
    exact, rounded = (
        Training(replace(config, precision=precision)).step()
        for precision in ("float32", "bfloat16")
    )
    assert exact == pytest.approx(rounded, rel=0.05, abs=0.02)
    assert exact != rounded


def test_a_projected_run_goes_on_from_its_checkpoint(config):
    config = replace(config, discriminator="projected", batch=4, kimg=0.004, tick_kimg=0.004)
    saved = finished(config)
    second = Training(replace(config, kimg=0.008), resume=saved)
    assert second.kimg == pytest.approx(0.004)
    for name, tensor in second.objective.state()["opt_d"].items():
        assert torch.equal(tensor, saved.parts["opt_d"][name])
    second.run(quiet())
    assert second.kimg == pytest.approx(0.008)


def test_without_random_states_new_ones_are_drawn(config):
    """As in a checkpoint of another number of processes, or of an earlier release."""
    saved = finished(config)
    del saved.parts["random"]
    training = Training(replace(config, kimg=0.064), resume=saved)
    first = torch.rand(4)
    training = Training(replace(config, kimg=0.064), resume=saved)
    assert torch.equal(torch.rand(4), first)
    training.run(quiet())


def test_a_grown_run_starts_from_the_smaller_one(config):
    saved = finished(config)
    larger = elsewhere(config, kimg=0.04, generator=replace(TINY, resolution=16))
    grown = Training(larger, init=saved)
    assert grown.kimg == grown.state().start_kimg == 0.032
    weight = grown.generator.synthesis.b8.conv1.weight
    assert torch.equal(weight, saved.parts["G"]["synthesis.b8.conv1.weight"])
    weight = grown.objective.discriminator.b4.fc.weight
    assert torch.equal(weight, saved.parts["D"]["b4.fc.weight"])
    grown.run(quiet())
    assert grown.kimg == pytest.approx(0.04)


def test_a_run_starts_from_another_of_its_size_with_new_optimizers(config):
    saved = finished(config)
    second = Training(elsewhere(config), init=saved)
    assert torch.equal(second.generator.mapping.fc0.weight, saved.parts["G"]["mapping.fc0.weight"])
    assert not second.objective.opt_g.state_dict()["state"]


def test_a_checkpoint_of_another_shape_is_refused_with_what_differs(config):
    saved = finished(config)
    other = elsewhere(config, generator=replace(TINY, channel_max=8, w_dim=8))
    with pytest.raises(ValueError, match="another architecture") as refused:
        Training(other, init=saved)
    rows = [line.split() for line in str(refused.value).splitlines()[1:]]
    assert rows == [["checkpoint", "wanted"], ["w_dim", "16", "8"], ["channel_max", "16", "8"]]


def test_a_checkpoint_of_another_run_is_not_resumed(config):
    saved = finished(config)
    with pytest.raises(ValueError, match="discriminator  stylegan2   projected"):
        Training(replace(config, discriminator="projected"), resume=saved)
    saved.classes = ["da", "xx"]
    with pytest.raises(ValueError, match=r"classes\s+da,xx\s+da,li"):
        Training(config, resume=saved)


@pytest.mark.parametrize(("transfer", "taken"), [("g", "G"), ("d", "D"), ("gd", "GD")])
def test_a_conditional_run_takes_what_fits_from_an_unconditional_one(config, transfer, taken):
    base = finished(replace(config, conditional=False))
    assert base.classes == []
    run = Training(elsewhere(config, transfer=transfer), init=base)
    assert run.kimg == 0
    assert set(run.copied) == {p for p in ("G", "G_ema", "D") if p[0] in taken}
    copied = torch.equal(
        run.generator.synthesis.b8.conv1.weight, base.parts["G"]["synthesis.b8.conv1.weight"]
    )
    assert copied == ("G" in taken)
    copied = torch.equal(run.objective.discriminator.b4.fc.weight, base.parts["D"]["b4.fc.weight"])
    assert copied == ("D" in taken)


def test_average_follows_the_generator(config):
    training = Training(config)
    training.shown = 100_000  # far past the ramp
    training.config = replace(training.config, batch=2000)  # one half-life
    for parameter in training.generator.parameters():
        parameter.data.add_(1.0)
    before = training.averaged.mapping.embed.bias.clone()
    training._average()
    assert torch.allclose(training.averaged.mapping.embed.bias, before + 0.5, atol=1e-6)


@pytest.mark.parametrize(("rampup", "half_life"), [(0.05, 0.5), (0, 2.0), (0.5, 2.0)])
def test_early_averages_are_short(config, rampup, half_life):
    training = Training(replace(config, ema_rampup=rampup))
    training.shown = 10_000
    training.generator.mapping.embed.bias.data.fill_(1.0)
    training.averaged.mapping.embed.bias.data.fill_(0.0)
    training._average()
    expected = 1 - 0.5 ** (BATCH / 1000 / half_life)
    assert training.averaged.mapping.embed.bias[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(config, bad):
    training = Training(replace(config, kimg=0.064))
    step = training.objective.step

    def broken(*batch):
        said = step(*batch)
        return said | {"loss_g": said["loss_g"] * bad} if training.kimg > 0.02 else said

    training.objective.step = broken
    with pytest.raises(ValueError, match=r"^loss_g is not finite at 0\.032 kimg: [^\n]*$"):
        training.run(quiet())
    kept = checkpoint.load(Path(config.run) / "checkpoint.safetensors")
    assert kept.kimg == 0.016
    assert all(t.isfinite().all() for part in kept.parts.values() for t in part.values())


def test_a_weight_that_is_not_finite_is_not_saved(config):
    """The loss says so only after the next step."""
    training = Training(config)
    training.generator.synthesis.b8.conv1.weight.data[0] = math.nan
    with pytest.raises(ValueError, match="G is not finite"):
        training.state()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_saved_after_the_step_at_hand(config, number):
    training = Training(replace(config, kimg=0.064))
    step = training.objective.step

    def interrupted(*batch):
        if training.shown == 3 * BATCH:
            os.kill(os.getpid(), number)
        return step(*batch)

    training.objective.step = interrupted
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        training.run(quiet())
    assert signal.getsignal(number) is before
    saved = checkpoint.load(Path(config.run) / "checkpoint.safetensors")
    assert saved.kimg == pytest.approx(0.032)
    Training(config, resume=saved)


def test_an_interrupt_after_the_step_is_not_lost(config, monkeypatch):
    """It comes while the processes agree on the figures, and on whether to stop."""
    training = Training(replace(config, kimg=0.064))
    mean = distributed.mean

    def interrupted(value):
        if training.shown == BATCH and not training.interrupted and len(value) < TINY.w_dim:
            os.kill(os.getpid(), signal.SIGINT)
        return mean(value)

    monkeypatch.setattr(distributed, "mean", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.run(quiet())
    assert training.shown == 2 * BATCH
