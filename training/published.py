"""A published StyleGAN2-ADA PyTorch network file (`.pkl`) as a checkpoint of ours.

The parameter names are the same, so only the shape of the networks has to be found out: from the
tensors' shapes, and from the attributes of the modules where shapes do not tell. Reference: Karras
et al. 2020, "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.discriminator import MBSTD_GROUP, Discriminator
from training.network import Generator, GeneratorConfig
from training.pickles import Record, Tensor, read

DEEPEST = 8  # modules inside modules; published networks have 4
WIDEST = 16384  # features of a layer; published networks have 512


@dataclass(frozen=True)
class Network:
    """A pickled network taken apart: its modules and its parameters and buffers by dotted name."""

    name: str
    modules: dict[str, Record]
    tensors: dict[str, Tensor]

    def words(self, name: str) -> list[str]:
        """The different values of an attribute, over all modules that have it, in words."""
        values = [m.state[name] for m in self.modules.values() if name in m.state]
        return sorted({v if type(v) is str else type(v).__name__ for v in values})

    def number(self, name: str, module: str) -> float | None:
        """An attribute of one module; None where it, or the module, is missing or None."""
        value = self.modules[module].state.get(name) if module in self.modules else None
        if value is not None and not (type(value) in (int, float) and 0 < value < math.inf):
            raise ValueError(f"{self.name}: {module}: {name} is no positive number")
        return value


@dataclass(frozen=True)
class Imported:
    """A checkpoint, and what a user should know about what it leaves out."""

    checkpoint: Checkpoint
    notes: list[str]


def import_pickle(path: Path, classes: Sequence[str] = ()) -> Imported:
    """Read a published network file; `classes` names the classes of a conditional one (else their
    numbers do).

    The averaged generator (`G_ema`) gives the architecture and stands for the generator in files
    without one; the discriminator is left out, with a note, where it is none of ours. Raises
    ValueError naming the file, and the layer where there is one, for a file that is unsafe, broken
    or of another architecture; nothing of it runs.
    """
    content = read(path)
    if type(content) is not dict or type(content.get("G_ema")) is not Record:
        raise ValueError(f"{path}: holds no averaged generator (G_ema)")
    try:
        averaged = _take_apart("G_ema", content["G_ema"])
        config = generator_config(averaged)
        parts = {"G_ema": _state(averaged, Generator, config)}
        current = content.get("G")
        parts["G"] = (
            _state(_take_apart("G", current), Generator, config) if current else parts["G_ema"]
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    try:  # a generator alone is worth having
        discriminator = _take_apart("D", content.get("D"))
        notes = _discriminator_notes(discriminator, config)
        parts["D"] = _state(discriminator, Discriminator, config)
    except ValueError as error:
        notes = [f"without the discriminator: {error}"]
    names = _class_names(path, classes, config.classes)
    run = TrainConfig(
        data=path.name,
        run="",
        kimg=1,  # the file does not say how long it was trained
        generator=config,
        conditional=bool(config.classes),
        discriminator="stylegan2",
    )
    return Imported(Checkpoint(run, 0.0, names, parts), notes)


def generator_config(network: Network) -> GeneratorConfig:
    """Shape of a published generator.

    Raises ValueError, naming what it is, for a generator that is not the skip architecture of
    StyleGAN2.
    """
    if any(m.class_name.endswith("SynthesisInput") for m in network.modules.values()):
        raise ValueError("G_ema: StyleGAN3 is not allowed; allowed: StyleGAN2-ADA")
    _require_architecture(network, "skip")
    shapes = {name: tensor.shape for name, tensor in network.tensors.items()}
    try:
        channels = _channels(shapes)
        if not channels:
            raise ValueError("it has no synthesis blocks")
        embedded, classes = shapes.get("mapping.embed.weight", (0, 0))
        config = GeneratorConfig(
            resolution=max(channels),
            classes=classes,
            z_dim=shapes["mapping.fc0.weight"][1] - embedded,
            w_dim=shapes["mapping.w_avg"][0],
            mapping_layers=sum(f"mapping.fc{i}.weight" in shapes for i in range(len(shapes))),
            mapping_lr=network.number("bias_gain", "mapping.fc0") or 1.0,
            channel_base=_channel_base(channels),
            channel_max=max(channels.values()),
            conv_clamp=network.number("conv_clamp", "synthesis.b4.conv1"),
        )
    except (LookupError, ValueError) as error:
        raise ValueError(f"G_ema: no StyleGAN2-ADA generator: {error}") from error
    widths = [config.z_dim, config.w_dim, *channels.values(), max(classes, 1)]
    if not 1 <= min(widths) <= max(widths) <= WIDEST:
        raise ValueError(f"G_ema: a layer of {min(widths)} to {max(widths)} features")
    if any(config.channels(r) != n for r, n in channels.items()):
        raise ValueError(f"G_ema: channels {channels} are not min(base / resolution, maximum)")
    return config


def _channels(shapes: dict[str, tuple[int, ...]]) -> dict[int, int]:
    """Channels of the block at each resolution."""
    names = {2**i: f"synthesis.b{2**i}.conv1.weight" for i in range(2, 13)}
    return {r: shapes[name][0] for r, name in names.items() if name in shapes}


def _channel_base(channels: dict[int, int]) -> int:
    """The base b of min(b / r, max): told by any block with fewer channels than the widest."""
    widest = max(channels.values())
    narrower = [r * n for r, n in channels.items() if n < widest]
    return max(narrower) if narrower else max(channels) * widest


def _require_architecture(network: Network, allowed: str) -> None:
    """Refuse, by name, what the shapes do not tell."""
    for attribute, values in (("architecture", {allowed}), ("activation", {"linear", "lrelu"})):
        other = set(network.words(attribute)) - values
        if other:
            raise ValueError(
                f"{network.name}: {attribute} {_shown(min(other))} is not allowed; "
                f"allowed: {', '.join(sorted(values))}"
            )


def _discriminator_notes(network: Network, config: GeneratorConfig) -> list[str]:
    """Refuse a discriminator that computes something else than ours; say where it may differ."""
    _require_architecture(network, "resnet")
    for name, module, ours in (
        ("conv_clamp", "b4.conv", config.conv_clamp),
        ("bias_gain", "mapping.fc0", 0.01 if config.classes else None),
    ):
        given = network.number(name, module)
        if given != ours:
            raise ValueError(f"D: {module}: {name} {given} is not allowed; allowed: {ours}")
    group = network.number("group_size", "b4.mbstd")
    if group == MBSTD_GROUP:
        return []
    return [f"the discriminator's minibatch groups had {group} pictures; here {MBSTD_GROUP}"]


def _take_apart(name: str, root: object) -> Network:
    """List the modules and tensors of a network; a module that occurs twice is refused."""
    modules: dict[str, Record] = {}
    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        prefix, module = waiting.pop()
        path = prefix.removesuffix(".")
        if type(module) is not Record or type(module.state) is not dict:
            raise ValueError(f"{name}: {_shown(path)} is no module" if path else f"{name}: missing")
        if id(module) in seen or prefix.count(".") > DEEPEST:
            raise ValueError(f"{name}: {_shown(path)} is a module twice, or too deep")
        seen.add(id(module))
        modules[path] = module
        for group in ("_parameters", "_buffers", "_modules"):
            for key, value in _entries(module, group):
                if group == "_modules":
                    waiting.append((f"{prefix}{key}.", value))
                elif type(value) is Tensor:
                    tensors[prefix + key] = value
    return Network(name, modules, tensors)


def _entries(module: Record, group: str) -> list[tuple[str, object]]:
    entries = module.state.get(group)
    if type(entries) is not dict:
        raise ValueError(f"{_shown(module.class_name)} has no {group}")
    return [(key, value) for key, value in entries.items() if value is not None]


def _state(
    network: Network, kind: type[nn.Module], config: GeneratorConfig
) -> dict[str, torch.Tensor]:
    """Parameters and buffers in float32 that fit `kind(config)` name by name and shape by shape.

    Low-pass filters that a published module carries and does not use are left out.
    """
    with torch.device("meta"):  # shapes alone: what the file claims is not allocated
        expected = {name: tuple(t.shape) for name, t in kind(config).state_dict().items()}
    extra = [
        name
        for name in network.tensors
        if name not in expected and not name.endswith("resample_filter")
    ]
    if extra:
        raise ValueError(f"{network.name}: {_shown(extra[0])} is not known here")
    for name, shape in expected.items():
        given = network.tensors[name].shape if name in network.tensors else "missing"
        if given != shape:
            raise ValueError(f"{network.name}: {name} is {given}; expected: {shape}")
    return {name: _decode(network, name) for name in expected}


def _decode(network: Network, name: str) -> torch.Tensor:
    try:
        array = network.tensors[name].array()
    except ValueError as error:
        raise ValueError(f"{network.name}: {name}: {error}") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{network.name}: {name} holds numbers that are not finite")
    return torch.from_numpy(np.array(array, np.float32, order="C"))


def _class_names(path: Path, names: Sequence[str], count: int) -> list[str]:
    if names and len(names) != count:
        raise ValueError(f"classes: {len(names)} names for the {count} classes of {path}")
    return list(names) or [str(index) for index in range(count)]


def _shown(value: str) -> str:
    """Something from outside on one line, without control characters."""
    return repr(value[:80])
