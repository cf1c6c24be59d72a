"""Checkpoints of untrained networks that are small and draw something."""

import pytest
import torch

from training import checkpoint
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.looking.sampler import Sampler
from training.network import Generator, GeneratorConfig

CLASSES = ["Cu", "St", "Xx"]
SHAPE = {
    "resolution": 16, "z_dim": 8, "w_dim": 8, "mapping_lr": 1.0, "channel_base": 128,
    "channel_max": 8,
}  # fmt: skip


def small_generator(classes):
    torch.manual_seed(3)
    generator = Generator(GeneratorConfig(classes=classes, **SHAPE)).eval()
    for name, parameter in generator.named_parameters():
        if name.endswith("bias"):
            parameter.data.normal_(std=0.2)
        if name.endswith("noise_strength"):
            parameter.data.fill_(0.03)
        if name.endswith("torgb.weight"):
            parameter.data.mul_(0.3)
    return generator


def write_checkpoint(path, classes):
    generator = small_generator(classes)
    config = TrainConfig("set.zip", "run", 1.0, generator.config)
    parts = {"G_ema": generator.state_dict()}
    checkpoint.save(Checkpoint(config, 1.0, CLASSES, parts), path)
    return path


@pytest.fixture(scope="session")
def conditional_file(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("looking") / "conditional.safetensors", 3)


@pytest.fixture(scope="session")
def unconditional_file(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("looking") / "unconditional.safetensors", 0)


@pytest.fixture(scope="session")
def sampler(conditional_file):
    return Sampler.load(conditional_file)


@pytest.fixture(scope="session")
def unconditional(unconditional_file):
    return Sampler.load(unconditional_file)
