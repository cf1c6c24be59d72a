"""View FD and view KID: what a player sees of finished skyboxes, against real photographs.

A view is a perspective picture of a skybox: any yaw, a pitch of 5 to 60 degrees, a field of view of
75 degrees. It goes through all that stands between the generator and the player, so that seams,
mirrored halves, the zenith and the ground are judged too.

Neither figure can reach that of real photographs: a photographer chooses what to frame, with a
longer lens and pointed at a cloud, where a view points anywhere, at bare sky or at the horizon's
haze. The same views of real panoramas, shrunk to the size of the skyboxes, show how far down the
figure can go.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from skyserver import pipeline
from skyserver.decode import decode
from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from skyserver.sphere import equirect_to_view
from training.metrics.distances import frechet_distance, kernel_distance
from training.metrics.features import Floats
from training.metrics.samples import to_bytes

PITCHES: Final = (5.0, 60.0)  # degrees above the horizon
FIELD: Final = 75.0  # degrees
VIEW_SIZE: Final = 256  # pixels, as the real photographs
VIEWS_OF_A_SKY: Final = 5
SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".hdr", ".exr")
PANORAMA_WIDTH: Final = 4  # of a skybox, in heights of a generated picture
DAY: Final = ("1", "0")  # open_sky, night_auto_exposed

Panorama = npt.NDArray[np.float32]
Views = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ViewScores:
    """FD and 1000 x KID of `count` views of `skies` panoramas against the real photographs."""

    count: int
    skies: int
    fd: float
    kid: float


def view_scores(skies: int, views: Floats, real: Floats) -> ViewScores:
    """Compare features of views (n, d) with those of real photographs (m, d)."""
    kid = 1000 * kernel_distance(views, real)
    return ViewScores(len(views), skies, frechet_distance(views, real), kid)


def sky_views(
    model: SkyModel,
    labels: npt.NDArray[np.int64],
    method: str,
    seed: int,
    on_sky: Callable[[int], None] = lambda _: None,
) -> Views:
    """Views (n * VIEWS_OF_A_SKY, 256, 256, 3) of a new sky for each label (n,), as a player gets
    it: at skyserver's own psi and with its own ground.

    The same labels and seed give both methods (`skyserver.request.METHODS`) the same clouds, seen
    in the same directions.
    """
    rng = np.random.default_rng(seed)
    views = []
    for label in labels:
        code = model.info.classes[label].code
        request = SkyRequest(code, seed=int(rng.integers(2**32)), method=method)
        views += take_views(pipeline.draw(model, request, pipeline.Steps()), VIEWS_OF_A_SKY, rng)
        on_sky(1)
    return np.stack(views)


def open_skies(folder: Path) -> list[Path]:
    """Panoramas of a folder: those that its index.csv calls open skies by day, or without an
    index all pictures.

    Raises ValueError naming the folder if there are none, or what the index lacks.
    """
    index = folder / "index.csv"
    if not index.is_file():
        paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    else:
        with index.open(newline="") as file:
            rows = list(csv.DictReader(file))
        try:
            chosen = [row for row in rows if (row["open_sky"], row["night_auto_exposed"]) == DAY]
            paths = [folder / row["file"] for row in chosen]
        except KeyError as error:
            raise ValueError(f"{index}: has no column {error}") from error
        if missing := [path.name for path in paths if not path.is_file()]:
            raise ValueError(f"{index}: names {missing[0]}, which is not there")
    if not paths:
        raise ValueError(f"{folder}: holds no panoramas; allowed: equirectangular {SUFFIXES}")
    return paths


def panorama_views(
    paths: Sequence[Path],
    width: int,
    count: int,
    seed: int,
    on_panorama: Callable[[int], None] = lambda _: None,
) -> Views:
    """Views (count, 256, 256, 3), evenly spread over panoramas, each shrunk to `width` texels if
    it is wider.

    Raises ValueError naming a file that is not twice as wide as high, `UnreadableImage` for one
    that is no image.
    """
    rng = np.random.default_rng(seed)
    views = []
    for index, path in enumerate(paths):
        panorama = decode(path.read_bytes(), path.name)
        height, wide, _ = panorama.shape
        if wide != 2 * height:
            raise ValueError(f"{path}: {wide}x{height}; allowed: twice as wide as high")
        if wide > width:
            panorama = pipeline.resize_panorama(panorama, width)
        views += take_views(panorama, len(range(index, count, len(paths))), rng)
        on_panorama(1)
    return np.stack(views)


def take_views(panorama: Panorama, count: int, rng: np.random.Generator) -> list[Views]:
    """Views (256, 256, 3) of a panorama (H, 2 H, 3) in random directions."""
    yaws, pitches = rng.uniform(0, 360, count), rng.uniform(*PITCHES, count)
    return [
        to_bytes(equirect_to_view(panorama, yaw, pitch, FIELD, VIEW_SIZE, VIEW_SIZE))
        for yaw, pitch in zip(yaws, pitches, strict=True)
    ]
