"""Checkpoints: one safetensors file with every network and optimizer, and the run's facts in its
header."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from training.config import TrainConfig

FORMAT = "skyserver-training/1"


@dataclass
class Checkpoint:
    """`parts` maps a name (G, G_ema, D, opt_g, opt_d, augment) to its flat state."""

    config: TrainConfig
    kimg: float
    classes: list[str]
    parts: dict[str, dict[str, Tensor]]


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write `path` in one step: a reader sees the old file or the new one."""
    tensors = {
        f"{part}/{name}": tensor.detach().cpu().contiguous().clone()
        for part, state in checkpoint.parts.items()
        for name, tensor in state.items()
    }
    metadata = {
        "format": FORMAT,
        "config": checkpoint.config.to_json(),
        "kimg": repr(checkpoint.kimg),
        "classes": ",".join(checkpoint.classes),
    }
    temporary = path.with_suffix(".part")
    save_file(tensors, temporary, metadata=metadata)
    os.replace(temporary, path)


def load(path: Path) -> Checkpoint:
    """Read what `save` wrote.

    Raises ValueError, naming the file, for anything else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ValueError(
                    f"{path}: not a training checkpoint (format {metadata.get('format')!r})"
                )
            parts: dict[str, dict[str, Tensor]] = {}
            for key in file.keys():  # noqa: SIM118 (it is no mapping)
                part, name = key.split("/", 1)
                parts.setdefault(part, {})[name] = file.get_tensor(key)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path}: cannot be read as a checkpoint: {error}") from error
    classes = [code for code in metadata["classes"].split(",") if code]
    return Checkpoint(
        TrainConfig.from_json(metadata["config"]), float(metadata["kimg"]), classes, parts
    )


def flatten_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts as tensors; the hyper-parameters come from the
    configuration."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": torch.as_tensor(value)
        for index, s in state.items()
        for name, value in s.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, flat: dict[str, Tensor]) -> None:
    """Inverse of `flatten_optimizer` on an optimizer over the same parameters."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in flat.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
