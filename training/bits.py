"""What fewer bits cost: forms of one model beside it, in size, error and quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich import box
from rich.table import Table

from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from training.looking.perceptual import PerceptualDistance
from training.looking.sheet import label, sheet
from training.metrics import kernel_distance, skybox_views
from training.metrics.features import FeatureNetwork
from training.metrics.real import RealSet, Stage
from training.metrics.samples import draw, to_bytes
from training.quantize.error import Error

BATCH = 16  # pictures of a model that are held at a time

Pictures = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """Figures of one file: its size in bytes, and what was found of its pictures.

    `psnr` (dB) and `distance` (`PerceptualDistance`, 0 where nothing differs) are against the
    reference's pictures of the same latents; `kid` and `view_kid`, times 1000, against photographs.
    `view_kid` is None where skies were left out.
    """

    name: str
    size: int
    psnr: float
    distance: float
    kid: float
    view_kid: float | None


class Forms:
    """Model files of which the first is the reference."""

    def __init__(self, files: Sequence[Path], threads: int) -> None:
        """Raises ValueError for a file whose latents, classes or pictures are not the first's."""
        self.files = files
        self.models = [SkyModel.load(file, threads) for file in files]
        for file, model in zip(files, self.models, strict=True):
            given, wanted = _shape(model), _shape(self.models[0])
            if given != wanted:
                raise ValueError(f"{file}: {given}; allowed: {wanted}, as in {files[0]}")

    def compare(
        self,
        real: RealSet,
        network: FeatureNetwork,
        count: int,
        seed: int,
        with_views: bool,
        stage: Stage,
    ) -> list[Row]:
        """Draw `count` pictures of each model at psi 1, of classes as frequent as in the real set;
        the latents and the figures against photographs are those of the `metrics` command."""
        labels = np.random.default_rng(seed).choice(real.labels, count)
        rng = np.random.default_rng(seed)
        squares, distances, features = ([[] for _ in self.models] for _ in range(3))
        perceptual = PerceptualDistance()
        done = stage("pictures", count)
        for start in range(0, count, BATCH):
            chosen = labels[start : start + BATCH]
            z = [rng.standard_normal((1, self.models[0].info.z_dim), np.float32) for _ in chosen]
            for index, model in enumerate(self.models):
                made = np.concatenate(
                    [draw(model, *one, 1.0) for one in zip(z, chosen, strict=True)]
                )
                maps = _maps(perceptual, made)
                if index == 0:
                    wanted, wanted_maps = made, maps
                squares[index].append(np.square(made - wanted, dtype=np.float64).mean((1, 2, 3)))
                distances[index].append(perceptual(maps, wanted_maps).numpy())
                features[index].append(network(to_bytes(made)))
            done(len(chosen))
        views = self._view_kids(labels, real, network, seed, stage) if with_views else None
        return [
            Row(
                name=file.stem,
                size=file.stat().st_size,
                psnr=Error(float(np.concatenate(squares[i]).mean()), 0).psnr,
                distance=float(np.concatenate(distances[i]).mean()),
                kid=1000 * kernel_distance(np.concatenate(features[i]), real.features),
                view_kid=views[i] if views else None,
            )
            for i, file in enumerate(self.files)
        ]

    def _view_kids(
        self,
        labels: NDArray[np.int64],
        real: RealSet,
        network: FeatureNetwork,
        seed: int,
        stage: Stage,
    ) -> list[float]:
        labels = labels[: len(labels) // skybox_views.VIEWS_OF_A_SKY]
        kids = []
        for file, model in zip(self.files, self.models, strict=True):
            done = stage(f"skies, {file.stem}", len(labels))
            views = skybox_views.sky_views(model, labels, SkyRequest.method, seed, done)
            kids.append(skybox_views.view_scores(len(labels), network(views), real.features).kid)
        return kids

    def picture(self, rows: Sequence[Row], codes: Sequence[str], seed: int) -> Image.Image:
        """A row of pictures for each of the classes, a column for each file, the same latents."""
        info = self.models[0].info
        known = [cloud.code for cloud in info.classes]
        z = np.random.default_rng(seed).standard_normal((len(codes), 1, info.z_dim), np.float32)
        cells = [
            [to_bytes(draw(model, one, known.index(code), 1.0))[0] for model in self.models]
            for one, code in zip(z, codes, strict=True)
        ]
        columns = [f"{row.name}: {row.size / 1e6:.2f} MB" for row in rows]
        return sheet(cells, [label(code) for code in codes], columns)


def table(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    caption = "PSNR in dB and feature distance: to the first; KIDs, x 1000: to photographs"
    result = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption)
    for index, heading in enumerate(("", "MB", "smaller", "PSNR", "distance", "KID", "view KID")):
        result.add_column(heading, justify="right" if index else "left")
    for index, row in enumerate(rows):
        result.add_row(
            row.name,
            f"{row.size / 1e6:.2f}",
            f"{rows[0].size / row.size:.1f}x",
            f"{row.psnr:.1f}" if index else "",
            f"{row.distance:.3f}" if index else "",
            f"{row.kid:.1f}",
            "" if row.view_kid is None else f"{row.view_kid:.1f}",
        )
    return result


@torch.no_grad()
def _maps(perceptual: PerceptualDistance, pictures: Pictures) -> list[torch.Tensor]:
    return perceptual.features(torch.from_numpy(pictures).permute(0, 3, 1, 2) * 2 - 1)


def _shape(model: SkyModel) -> str:
    info = model.info
    codes = " ".join(cloud.code for cloud in info.classes)
    return f"{info.layers} x {info.z_dim} latents, {info.width} x {info.height} pixels of {codes}"
