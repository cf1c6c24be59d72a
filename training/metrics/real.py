"""The real set as the metrics see it: its features, from the cache or made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from training import dataset
from training.metrics.cache import Arrays, cached
from training.metrics.features import FeatureNetwork, Floats

REAL_SIZE: Final = 256  # edge at which the real pictures are taken, pixels
_LAYOUT: Final = "real-1"  # of a cache entry

Stage = Callable[[str, int], Callable[[int], None]]
"""Told what begins and how many steps it has; gives what is to be told of steps done."""


class RealSet:
    """Features (n, d) of all pictures of a data set archive, their class indices `labels` (n,) and
    the codes of the `classes`.

    `shrunk` (n, d) are the features of the same pictures when they are as small as the model draws
    (`size` pixels, at most `REAL_SIZE`): the best that a model of that size could do.
    """

    features: Floats
    shrunk: Floats
    labels: npt.NDArray[np.int64]
    classes: list[str]

    def __init__(
        self,
        path: Path,
        classes: list[str],
        network: FeatureNetwork,
        size: int,
        cache: Path,
        stage: Stage,
    ) -> None:
        """Take the features from the folder `cache`, or run the network and put them there.

        Raises ValueError naming the file for a data set that `dataset.load` refuses, or that does
        not hold `classes`.
        """
        self._path, self.size, self.classes = path, min(size, REAL_SIZE), classes
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {error.strerror}") from error

        def features(edge: int, description: str) -> Arrays:
            def make() -> Arrays:
                self._check(self._data.classes)
                pictures = _shrunk(self.pictures, edge)
                made = network(pictures, stage(description, len(pictures)))
                labels = self._data.labels.numpy()
                codes = np.array(self._data.classes)
                return {"features": made.astype(np.float32), "labels": labels, "classes": codes}

            kept = cached(cache, (_LAYOUT, digest, network.digest, edge), make)
            self._check([str(code) for code in kept["classes"]])
            return kept

        kept = features(REAL_SIZE, "real pictures")
        smaller = features(self.size, f"real pictures at {self.size} pixels")
        self.features = kept["features"].astype(np.float64)
        self.shrunk = smaller["features"].astype(np.float64)
        self.labels = kept["labels"]

    def _check(self, held: list[str]) -> None:
        if held != self.classes:
            raise ValueError(f"{self._path}: holds {held}; allowed: the model's {self.classes}")

    @cached_property
    def pictures(self) -> npt.NDArray[np.uint8]:
        """All pictures, (n, 256, 256, 3), decoded when they are first asked for."""
        return np.ascontiguousarray(self._data.images.permute(0, 2, 3, 1).numpy())

    @cached_property
    def _data(self) -> dataset.SkyData:
        return dataset.load(self._path, REAL_SIZE)


def _shrunk(pictures: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    if pictures.shape[1] <= size:
        return pictures
    lanczos = Image.Resampling.LANCZOS
    return np.stack(
        [np.asarray(Image.fromarray(picture).resize((size, size), lanczos)) for picture in pictures]
    )
