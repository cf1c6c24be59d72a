"""Checkpoints: one safetensors file with every network, optimizer and random state, and the run's
facts in its header."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from training import hyper
from training.config import TrainConfig
from training.network import Generator

FORMAT = "skyserver-training/1"
SHOWN_DIFFERENCES = 12  # rows of a table of differences


@dataclass
class Checkpoint:
    """`parts` maps a name (G, G_ema, D, opt_g, opt_d, augment, random) to its flat state.

    `kimg` counts over all stages; this run began at `start_kimg`.
    """

    config: TrainConfig
    kimg: float
    classes: list[str]
    parts: dict[str, dict[str, Tensor]]
    start_kimg: float = 0.0

    def generator(self, part: str) -> Generator:
        """The network of `part`, G or G_ema, as it was saved.

        Raises ValueError, with a table, where the tensors are not those of the configuration.
        """
        with torch.device("meta"):  # shapes first: a forged configuration allocates nothing
            wanted = hyper.build(self.config.generator).state_dict()
        held = self.parts.get(part, {})
        problem = f"the checkpoint's {part} does not fit its own configuration"
        require_same(_shapes(held), _shapes(wanted), problem)
        network = hyper.build(self.config.generator)
        network.load_state_dict(held)
        return network


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write `path` in one step: a reader sees the old file or the new one.

    Raises ValueError when it cannot be written; the old file is then still there.
    """
    tensors = {
        f"{part}/{name}": tensor.detach().cpu().contiguous().clone()
        for part, state in checkpoint.parts.items()
        for name, tensor in state.items()
    }
    metadata = {
        "format": FORMAT,
        "config": checkpoint.config.to_json(),
        "kimg": repr(checkpoint.kimg),
        "start_kimg": repr(checkpoint.start_kimg),
        "classes": ",".join(checkpoint.classes),
    }
    temporary = path.with_suffix(".part")
    try:
        save_file(tensors, temporary, metadata=metadata)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())  # a full disk may not say so before
        os.replace(temporary, path)
    except (SafetensorError, OSError) as error:
        temporary.unlink(missing_ok=True)
        kept = "; the one before is kept" if path.exists() else ""
        raise ValueError(f"{path}: cannot be written: {error}{kept}") from error


def load(path: Path) -> Checkpoint:
    """Read what `save` wrote.

    Raises ValueError, naming the file, for anything else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ValueError(f"not a training checkpoint (format {metadata.get('format')!r})")
            parts: dict[str, dict[str, Tensor]] = {}
            for key in file.keys():  # noqa: SIM118 (it is no mapping)
                part, name = key.split("/", 1)
                parts.setdefault(part, {})[name] = file.get_tensor(key)
        return Checkpoint(
            TrainConfig.from_json(metadata["config"]),
            float(metadata["kimg"]),
            [code for code in metadata["classes"].split(",") if code],
            parts,
            float(metadata.get("start_kimg", 0)),
        )
    except (SafetensorError, OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as a checkpoint: {error}") from error


def require_same(theirs: Mapping[str, object], ours: Mapping[str, object], problem: str) -> None:
    """Raise ValueError with a table of what differs between a checkpoint and what is wanted."""
    names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    if not names:
        return
    rows = [("", "checkpoint", "wanted")]
    rows += [(name, str(theirs.get(name, "-")), str(ours.get(name, "-"))) for name in names]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows[: SHOWN_DIFFERENCES + 1]
    ]
    more = len(names) - SHOWN_DIFFERENCES
    lines += [f"and {more} more"] if more > 0 else []
    raise ValueError("\n  ".join([f"{problem}:", *lines]))


def _shapes(state: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in state.items()}


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
