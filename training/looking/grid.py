"""Every class in a row, every seed in a column; several models side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from PIL import Image

from training.looking.sampler import Sampler
from training.looking.sheet import beside, label, sheet


def grid(
    samplers: Mapping[str, Sampler],
    rows: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
    psi: float,
    on_picture: Callable[[], None] = lambda: None,
) -> Image.Image:
    """A sheet for each model under its title, all with the same seeds and truncation.

    `rows` holds the classes of each (`drawn_classes`). Raises ValueError for one it does not draw.
    """
    edge = max(sampler.generator.config.resolution for sampler in samplers.values())
    columns = [f"seed {seed}" for seed in seeds]
    sheets = []
    for title, sampler in samplers.items():
        w = torch.stack([sampler.style(code, s, psi) for code in rows[title] for s in seeds])
        pictures = sampler.draw(sampler.every_layer(w), on_picture)
        cells = pictures.reshape(len(rows[title]), len(seeds), *pictures.shape[1:])
        labels = [label(code) for code in rows[title]]
        heading = title if len(samplers) > 1 else ""
        sheets.append(sheet([list(row) for row in cells], labels, columns, heading, edge))
    return beside(sheets)


def drawn_classes(sampler: Sampler, codes: Sequence[str]) -> list[str]:
    """Those `codes`, all classes of the model if there are none; [""] for an unconditional one."""
    if not sampler.classes:
        return [""]
    for code in codes:
        sampler.check_class(code)
    return list(codes or sampler.classes)
