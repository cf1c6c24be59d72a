"""Weights of one network into another of a different shape: by name, as far as they fit.

What a class adds to a network is new, but it need not change what the network does: an
unconditional source and the conditional network that it was copied into draw, and judge, the same
until training moves them. That is the start which transfer learning wants (Laria et al. 2021, arXiv
2112.02219, section 1, call it the missing step from unconditional to conditional GANs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import torch
from rich.table import Table
from torch import Tensor, nn

from training.discriminator import Discriminator
from training.layers import normalize_second_moment
from training.network import NEW_COLOUR_SCALE, Generator, MappingNetwork
from training.objectives.base import PACKAGED

State = dict[str, Tensor]
Kind = Literal["copied", "reshaped", "new"]
_G, _D = {"G": "G", "G_ema": "G_ema"}, {"D": "D"}
TAKEN = {  # what each network is taken from; frozen weights are better those of the average
    "g": _G,
    "d": _D,
    "gd": {**_G, **_D},
    "hyper": {"G": "G_ema", "G_ema": "G_ema", **_D},
}


@dataclass(frozen=True)
class CopyRow:
    """What became of one tensor of the target; `source_shape` is None where the source lacks it."""

    name: str
    source_shape: tuple[int, ...] | None
    target_shape: tuple[int, ...]
    kind: Kind


def take(
    choice: str, networks: dict[str, nn.Module], source: dict[str, State]
) -> dict[str, list[CopyRow]]:
    """Copy into each of `networks` (G, G_ema, D) what `choice` of `TAKEN` takes from the source.

    Raises ValueError, before anything is copied, where the source lacks a network.
    """
    for name in TAKEN[choice].values():
        if name not in source:
            raise ValueError(
                f"transfer: {choice!r} is not allowed: the checkpoint holds no {name}; "
                f"it holds: {', '.join(sorted(source))}"
            )
    return {
        part: copy_matching(networks[part], source[given]) for part, given in TAKEN[choice].items()
    }


@torch.no_grad()
def copy_matching(target: nn.Module, source: State) -> list[CopyRow]:
    """Copy every tensor of `source` that `target` has under the same name and in the same shape.

    Two layers are reshaped where only the classes differ, so that the function stays:
    `mapping.fc0` of a generator keeps the columns of z (rescaled, as the equalised learning rate
    divides by the root of their number), and its class columns start as `_blind_columns`; the last
    layer of an unconditional discriminator is spread over the features that the class is compared
    with, so that each class's logit is the unconditional one, and is the classless logit of a
    transitional one. All else keeps its new, random start; the colour layer of a new block is
    scaled down as in `grow`. Returns a row for each tensor of the target, in its order, but for
    frozen weights that come from their package.
    """
    rows = []
    for name, tensor in target.state_dict().items():
        if name.startswith(PACKAGED):
            continue
        given = source.get(name, source.get(name.replace("b4.unconditional.", "b4.out.")))
        kind: Kind = "copied"
        if given is not None and given.shape == tensor.shape:
            tensor.copy_(given)
        elif name in source and (adapted := _adapted(target, name, source)) is not None:
            tensor.copy_(adapted)
            kind = "reshaped"
        else:
            kind = "new"
            if name.endswith("torgb.weight"):
                tensor.mul_(NEW_COLOUR_SCALE)
        shape = None if given is None else tuple(given.shape)
        rows.append(CopyRow(name, shape, tuple(tensor.shape), kind))
    return rows


def _adapted(target: nn.Module, name: str, source: State) -> Tensor | None:
    """The source's tensor in the target's shape; None where that has no meaning."""
    own, given = target.state_dict(), source[name]
    if name == "mapping.fc0.weight" and isinstance(target, Generator):
        latents = _latent_columns(own)
        if latents != _latent_columns(source) or len(given) != len(own[name]):
            return None
        gain = math.sqrt(own[name].shape[1] / given.shape[1])
        columns = given[:, :latents].to(own[name].device) * gain
        if own[name].shape[1] > latents:
            columns = torch.cat([columns, _blind_columns(target.mapping)], dim=1)
        return columns
    if name in ("b4.out.weight", "b4.out.bias") and isinstance(target, Discriminator):
        weight = source["b4.out.weight"]
        if len(weight) == 1 and weight.shape[1] == own["b4.out.weight"].shape[1]:
            spread = target.unconditional_direction()
            return spread.reshape(-1, *[1] * (given.ndim - 1)) * given.to(spread.device)
    return None


def _blind_columns(mapping: MappingNetwork) -> Tensor:
    """Class columns of `fc0` for a source without classes, (w_dim, w_dim).

    All classes start with one embedding, that of the first, and the new, random columns are made
    orthogonal to it: no class is seen until the embeddings part, which they do at their own, full
    learning rate. Columns of zero would be as exact but learn at a hundredth of it.
    """
    embedding = mapping.embed.weight
    embedding.copy_(embedding[:, :1].expand_as(embedding))
    one_class = torch.eye(embedding.shape[1], device=embedding.device)[:1]
    start = normalize_second_moment(mapping.embed(one_class))[0].double()
    columns = mapping.get_parameter("fc0.weight")[:, -len(start) :].double()
    return (columns - torch.outer(columns @ start, start) / start.dot(start)).float()


def _latent_columns(state: State) -> int:
    """Columns of `mapping.fc0` that read z: those of the class embedding follow them."""
    columns = state["mapping.fc0.weight"].shape[1]
    embedding = state.get("mapping.embed.weight")
    return columns if embedding is None else columns - len(embedding)


def tables(copied: Mapping[str, list[CopyRow]]) -> list[Table]:
    """A table for each network of `take`, one for those to which the same happened."""
    alike: dict[tuple[CopyRow, ...], list[str]] = {}
    for part, rows in copied.items():
        alike.setdefault(tuple(rows), []).append(part)
    return [table(" and ".join(parts), rows) for rows, parts in alike.items()]


def table(title: str, rows: Sequence[CopyRow]) -> Table:
    """A line for what was copied in each block, and one that names what was not."""
    result = Table("block", "", "what", title=title, title_justify="left")
    kinds = ("copied", "reshaped", "new")
    ordered = sorted(rows, key=lambda row: kinds.index(row.kind))
    for block in dict.fromkeys(_block(row.name) for row in rows):
        members = [row for row in ordered if _block(row.name) == block]
        for kind, group in groupby(members, key=lambda row: row.kind):
            result.add_row(block, kind, _describe(kind, list(group)))
    return result


def _block(name: str) -> str:
    """`synthesis.b8.conv0.weight` belongs to synthesis.b8, `b4.out.bias` to b4."""
    parts = name.split(".")
    return ".".join(parts[: 2 if parts[0] in ("synthesis", "heads") else 1])


def _describe(kind: str, rows: list[CopyRow]) -> str:
    if kind == "copied":
        return f"{len(rows)} tensors, {sum(math.prod(row.target_shape) for row in rows):,} numbers"
    return ", ".join(_name_and_shapes(row) for row in rows)


def _name_and_shapes(row: CopyRow) -> str:
    name = row.name.removeprefix(f"{_block(row.name)}.")
    if row.source_shape is None:
        return name
    source, target = (" x ".join(map(str, s)) or "1" for s in (row.source_shape, row.target_shape))
    return f"{name} ({source} -> {target})"
