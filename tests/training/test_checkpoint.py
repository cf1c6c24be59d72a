import pytest
import torch
from safetensors.torch import save_file

from training import checkpoint
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.network import GeneratorConfig


def example():
    config = TrainConfig(data="d.zip", run="r", kimg=1.0, generator=GeneratorConfig(resolution=64))
    return Checkpoint(
        config,
        12.5,
        ["Ac", "Cu"],
        {"G": {"a.b": torch.randn(2, 3)}, "opt": {"0.step": torch.tensor(3.0)}},
    )


def test_round_trip(tmp_path):
    saved = example()
    checkpoint.save(saved, tmp_path / "c.safetensors")
    loaded = checkpoint.load(tmp_path / "c.safetensors")
    assert (loaded.config, loaded.kimg, loaded.classes) == (saved.config, saved.kimg, saved.classes)
    assert torch.equal(loaded.parts["G"]["a.b"], saved.parts["G"]["a.b"])
    assert list(tmp_path.iterdir()) == [tmp_path / "c.safetensors"]


@pytest.mark.parametrize("content", [b"", b"text", b"\xff" * 64])
def test_other_files_are_refused_by_name(tmp_path, content):
    path = tmp_path / "c.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"c\.safetensors"):
        checkpoint.load(path)
    with pytest.raises(ValueError, match=r"missing\.safetensors"):
        checkpoint.load(tmp_path / "missing.safetensors")


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "c.safetensors")
    with pytest.raises(ValueError, match="not a training checkpoint"):
        checkpoint.load(tmp_path / "c.safetensors")


def test_optimizer_round_trip():
    def trained():
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.randn(3))
        optimizer = torch.optim.Adam([weight], lr=0.1)
        weight.square().sum().backward()
        optimizer.step()
        return weight, optimizer

    (weight_a, a), (weight_b, b) = trained(), trained()
    restored = torch.optim.Adam([weight_b], lr=0.1)
    checkpoint.restore_optimizer(restored, checkpoint.flatten_optimizer(b))
    for weight, optimizer in ((weight_a, a), (weight_b, restored)):
        weight.grad = torch.ones(3)
        optimizer.step()
    assert torch.equal(weight_a, weight_b)


def test_unknown_options_are_refused_by_name():
    text = example().config.to_json().replace('"batch"', '"bunch"')
    with pytest.raises(ValueError, match="bunch"):
        TrainConfig.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("discriminator", "x"),
        ("precision", "int8"),
        ("batch", 1),
        ("kimg", 0),
        ("lr_g", -1),
        ("r1_gamma", -1),
    ],
)
def test_bad_options_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        TrainConfig(**{"data": "d", "run": "r", "kimg": 1.0, field: value})
