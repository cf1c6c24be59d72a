"""The `metrics` command: draw pictures and skyboxes from a model file, compare them with a data
set, print and save."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from skyserver.model import SkyModel
from skyserver.request import METHODS
from training.metrics import neighbours, probe, skybox_views
from training.metrics.cache import Arrays, cached
from training.metrics.coverage import NEIGHBOURS
from training.metrics.features import FeatureNetwork, Floats
from training.metrics.path_length import path_length
from training.metrics.real import RealSet, Stage
from training.metrics.report import ClassReport, Report
from training.metrics.samples import sample
from training.metrics.scores import Scores, score

MODEL, REAL, HALVES = "model", "real", "real, half against half"  # rows of the report

MIN_COUNT = 50  # pictures: fewer say nothing

Labels = npt.NDArray[np.int64]
Judged = dict[str, tuple[Floats, Labels]]


@dataclass(frozen=True)
class Options:
    """What to measure, and against what.

    `count` pictures are drawn with truncation `psi`; `cache` keeps features of real pictures;
    `panoramas` is a folder of real ones to compare views with; `quick` leaves skyboxes and path
    length out; `threads` is how many processor cores to use, 0 for all.
    """

    model: Path
    data: Path
    features: Path
    cache: Path
    count: int = 1105
    psi: float = 1.0
    seed: int = 0
    threads: int = 0
    quick: bool = False
    panoramas: Path | None = None
    output: Path | None = None
    picture: Path | None = None

    def check(self) -> None:
        """Raise ValueError, naming the option, for what is not allowed."""
        if self.count < MIN_COUNT:
            raise ValueError(f"--count {self.count}; allowed: at least {MIN_COUNT}")
        if not 0 <= self.psi <= 1:
            raise ValueError(f"--psi {self.psi}; allowed: 0 to 1")
        for name, path in (("--output", self.output), ("--neighbours", self.picture)):
            if path and not path.parent.is_dir():
                raise ValueError(f"{name} {path}: there is no such folder")
        if self.panoramas:
            skybox_views.open_skies(self.panoramas)
        if self.picture and self.picture.suffix not in Image.registered_extensions():
            raise ValueError(f"--neighbours {self.picture}: is not the name of a picture")


def evaluate(options: Options, console: Console) -> Report:
    """Print what is found, write it to `options.output` and the neighbours to `options.picture`."""
    options.check()
    with Progress(console=console, transient=True) as progress:

        def stage(description: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(description, total=total)
            return lambda count: progress.advance(task, count)

        report = _Measurement(options, stage).report()
    for table in report.tables():
        console.print(table)
    for sentence in report.sentences():
        console.print(sentence, highlight=False)
    if options.output:
        options.output.write_text(json.dumps(report.to_json(), indent=2))
    return report


class _Measurement:
    """The model's pictures and the real ones, and each figure that is taken of them."""

    def __init__(self, options: Options, stage: Stage) -> None:
        self.options, self.stage = options, stage
        self.model = SkyModel.load(options.model, options.threads)
        self.network = FeatureNetwork(options.features, options.threads)
        info = self.model.info
        codes = [cloud.code for cloud in info.classes]
        size, cache = info.height, options.cache
        self.real = RealSet(options.data, codes, self.network, size, cache, stage)
        rng = np.random.default_rng(options.seed)
        self.wanted: Labels = rng.choice(self.real.labels, options.count)
        on = stage("pictures", options.count)
        self.pictures = sample(self.model, self.wanted, options.psi, options.seed, on)
        self.fake = self.network(self.pictures, stage("their features", options.count))
        shuffled = np.random.default_rng(options.seed).permutation(len(self.real.labels))
        self.half, self.other = np.split(shuffled, [len(shuffled) // 2])

    def report(self) -> Report:
        """Everything that `options` ask for."""
        options = self.options
        scores = self.scores()
        found = neighbours.nearest(self.fake, self.real.features)
        if options.picture:
            codes, pictures = self.real.classes, self.real.pictures
            sheet = neighbours.contact_sheet(self.pictures, self.wanted, codes, found, pictures)
            sheet.save(options.picture, quality=85)
        judged = self.judged()
        return Report(
            features=self.network.name,
            distance=self.network.distance,
            psi=options.psi,
            seed=options.seed,
            model_digest=self.model.info.digest,
            scores=scores,
            obedience={name: probe.obedience(*row) for name, row in judged.items()},
            neighbours=neighbours.nearness(found, self.real.features),
            classes=dict(self.classes(judged)),
            path_length=None if options.quick else self.evenness(),
            views={} if options.quick else self.seen(),
        )

    def scores(self) -> dict[str, Scores]:
        """The model against all real pictures, then what compares at one n: model and real
        pictures against the other half of the real set."""
        real, labels = self.real, self.real.labels
        other, held = real.features[self.other], self.half[: self.options.count]
        wanted, fake = self.wanted[: len(held)], self.fake[: len(held)]
        return {
            MODEL: score(self.fake, self.wanted, real.features),
            f"{MODEL}, against half": score(fake, wanted, other),
            HALVES: score(real.features[held], labels[held], other),
            f"{REAL} at {real.size} px, half": score(real.shrunk[held], labels[held], other),
        }

    def judged(self) -> Judged:
        """The probe's probabilities, and the classes that were wanted, of each set."""
        real, labels = self.real, self.real.labels
        seen = (real.features, real.shrunk)
        full, shrunk = probe.held_out(real.features, labels, seen, self.options.seed)
        trained = probe.train(real.features, labels)
        return {
            MODEL: (probe.probabilities(trained, self.fake), self.wanted),
            REAL: (full, labels),
            f"{REAL} at {real.size} px": (shrunk, labels),
        }

    def classes(self, judged: Judged) -> Iterator[tuple[str, ClassReport]]:
        """Figures of each class that was drawn often enough to have any."""
        real, labels = self.real, self.real.labels
        for label, code in enumerate(real.classes):
            drawn = np.flatnonzero(self.wanted == label)
            held, other = (half[labels[half] == label] for half in (self.half, self.other))
            n = min(len(drawn), len(held))
            if min(n, len(other)) <= NEIGHBOURS:
                continue
            same = np.full(n, label)
            yield (
                code,
                ClassReport(
                    score(self.fake[drawn[:n]], same, real.features[other]),
                    score(real.features[held[:n]], same, real.features[other]),
                    *(probe.obedience(*_of_class(judged[name], label)) for name in (MODEL, REAL)),
                ),
            )

    def evenness(self) -> float:
        """Path length of as many walks as pictures were drawn, of the same classes."""
        on = self.stage("path length", self.options.count)
        options = self.options
        return path_length(self.model, self.network, self.wanted, options.psi, options.seed, on)

    def seen(self) -> dict[str, skybox_views.ViewScores]:
        """View scores of skyboxes made in each way, and of real panoramas if there are any."""
        labels = self.wanted[: self.options.count // skybox_views.VIEWS_OF_A_SKY]
        rows = {}
        for method in METHODS:
            on = self.stage(f"skies, {method}", len(labels))
            pictures = skybox_views.sky_views(self.model, labels, method, self.options.seed, on)
            on = self.stage(f"views, {method}", len(pictures))
            features = self.network(pictures, on)
            rows[method] = skybox_views.view_scores(len(labels), features, self.real.features)
        if self.options.panoramas:
            rows["real panoramas"] = self.seen_of_panoramas(self.options.panoramas)
        return rows

    def seen_of_panoramas(self, folder: Path) -> skybox_views.ViewScores:
        """View scores of real panoramas, no finer than the skyboxes; the cache keeps them too."""
        paths, options = skybox_views.open_skies(folder), self.options
        width = skybox_views.PANORAMA_WIDTH * self.model.info.height

        def make() -> Arrays:
            on = self.stage("real panoramas", len(paths))
            pictures = skybox_views.panorama_views(paths, width, options.count, options.seed, on)
            on = self.stage("views, real panoramas", options.count)
            return {"features": self.network(pictures, on).astype(np.float32)}

        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        made_from = ("panoramas-1", self.network.digest, width, options.count, options.seed)
        features = cached(options.cache, (*made_from, *digests), make)["features"]
        return skybox_views.view_scores(len(paths), features.astype(np.float64), self.real.features)


def _of_class(judged: tuple[Floats, Labels], label: int) -> tuple[Floats, Labels]:
    probabilities, labels = judged
    return probabilities[labels == label], labels[labels == label]
