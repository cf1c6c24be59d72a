import re
import resource
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from training import checkpoint
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.network import Generator, GeneratorConfig


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


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The system refuses to let a file grow beyond a limit, as it does without space."""
    path = tmp_path / "c.safetensors"
    saved = example()
    checkpoint.save(saved, path)
    large = replace(saved, kimg=13.0, parts={"G": {"a.b": torch.zeros(1_000_000)}})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(ValueError, match=r"c\.safetensors: cannot be written: .* is kept$"):
            checkpoint.save(large, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert checkpoint.load(path).kimg == 12.5
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_is_restored(tmp_path):
    shape = GeneratorConfig(resolution=8, channel_base=64, channel_max=8)
    network = Generator(shape)
    saved = replace(example(), parts={"G": network.state_dict()})
    saved.config = replace(saved.config, generator=shape)
    checkpoint.save(saved, tmp_path / "c.safetensors")
    restored = checkpoint.load(tmp_path / "c.safetensors").generator("G")
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, restored.state_dict()[name])


def test_tensors_of_another_shape_than_the_configuration_says_are_refused():
    """Before anything is allocated: this one would take a petabyte."""
    saved = example()
    saved.config = replace(saved.config, generator=GeneratorConfig(8, w_dim=10**7))
    with pytest.raises(ValueError, match="G does not fit its own configuration") as refused:
        saved.generator("G")
    assert re.search(r"a\.b +\[2, 3\] +-", str(refused.value))
    assert re.search(r"mapping\.fc1\.weight +- +\[10000000, 10000000\]", str(refused.value))


@pytest.mark.parametrize("key", ["config", "kimg", "classes"])
@pytest.mark.parametrize("value", [None, "[1", '{"batch": "x"}', "null"])
def test_a_header_that_is_wrong_is_refused_by_name(tmp_path, key, value):
    header = {"format": checkpoint.FORMAT, "config": example().config.to_json()}
    header |= {"kimg": "1", "classes": "Ac"}
    if value is None:
        del header[key]
    else:
        header[key] = value
    path = tmp_path / "c.safetensors"
    save_file({"G/x": torch.zeros(1)}, path, metadata=header)
    if key == "classes" and value is not None:
        assert checkpoint.load(path).classes == value.split(",")
        return
    with pytest.raises(ValueError, match=r"c\.safetensors: cannot be read as a checkpoint"):
        checkpoint.load(path)
