"""Where the networks of a run come from: made anew, taken from a checkpoint, or grown from one."""

from __future__ import annotations

import copy
from dataclasses import asdict

import torch

from training import hyper
from training.checkpoint import Checkpoint, require_same
from training.config import TrainConfig
from training.network import Generator, GeneratorConfig, grow

INITIAL_RGB_SCALE = 0.3  # outside [-1, 1] the frozen features saturate: start well inside


def generators(config: TrainConfig, source: Checkpoint | None) -> tuple[Generator, Generator]:
    """The generator and its average: new ones, or a checkpoint's, grown if they are half the size.

    Raises ValueError, with a table of what differs, for a checkpoint of another shape.
    """
    shape = config.generator
    if source is None:
        generator = untrained(shape)
        return generator, copy.deepcopy(generator)
    double = 2 * source.config.generator.resolution == shape.resolution
    theirs = asdict(source.config.generator)
    if double:
        theirs |= {"resolution": shape.resolution, "channel_min": shape.channel_min}
    require_same(theirs, asdict(shape), "the checkpoint holds another architecture")
    generator, averaged = source.generator("G"), source.generator("G_ema")
    if double:
        return grow(generator, shape.channel_min), grow(averaged, shape.channel_min)
    return generator, averaged


def check_resumable(source: Checkpoint, config: TrainConfig, classes: list[str]) -> None:
    """Raise ValueError, with a table, where a checkpoint is not one of this very run."""
    if "opt_g" not in source.parts:
        raise ValueError("resume: the checkpoint holds networks alone; init starts a run from them")
    theirs = {"classes": ",".join(source.classes), "discriminator": source.config.discriminator}
    ours = {"classes": ",".join(classes), "discriminator": config.discriminator}
    theirs["resolution"] = str(source.config.generator.resolution)
    ours["resolution"] = str(config.generator.resolution)
    require_same(theirs, ours, "the checkpoint is another run's")


@torch.no_grad()
def untrained(shape: GeneratorConfig) -> Generator:
    """A network as a run begins with it, from torch's own random state."""
    generator = hyper.build(shape)
    for name, parameter in generator.named_parameters():
        if name.endswith("torgb.weight"):
            parameter.mul_(INITIAL_RGB_SCALE)
    return generator
