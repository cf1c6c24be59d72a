"""Style mixing (Karras et al. 2019, arXiv 1812.04948, figure 3): the coarse layers of one picture
and the fine layers of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from PIL import Image

from training.looking.sampler import Sampler
from training.looking.sheet import sheet
from training.looking.source import Source


def mix(
    sampler: Sampler,
    rows: Sequence[Source],
    columns: Sequence[Source],
    layers: Sequence[int],
    psi: float,
    on_picture: Callable[[], None] = lambda: None,
) -> Image.Image:
    """The row's picture with the styles of `layers` taken from the column's picture.

    The first row and column show the sources themselves. Raises ValueError for a layer or class
    that the model does not have.
    """
    count = sampler.generator.config.num_ws
    for layer in layers:
        if not 0 <= layer < count:
            raise ValueError(f"layers: {layer} is not allowed; allowed: 0 to {count - 1}")
    coarse, fine = (
        sampler.every_layer(torch.stack([sampler.style(*source, psi) for source in sources]))
        for sources in (rows, columns)
    )
    mixed = coarse[:, None].repeat(1, len(columns), 1, 1)
    mixed[:, :, list(layers)] = fine[None, :, list(layers)]
    ws = torch.cat([fine, torch.cat([coarse[:, None], mixed], dim=1).flatten(0, 1)])
    pictures = list(sampler.draw(ws, on_picture))
    cells = [[None, *pictures[: len(columns)]]]
    width = 1 + len(columns)
    cells += [pictures[i : i + width] for i in range(len(columns), len(pictures), width)]
    return sheet(cells, ["", *map(str, rows)], ["", *map(str, columns)])
