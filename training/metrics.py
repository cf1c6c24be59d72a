"""How near generated skies are to real ones, in the features of a network given as ONNX.

FD: Frechet distance of Gaussians (Heusel et al. 2017, arXiv 1706.08500), called FID only with
Inception's features. KID: unbiased squared maximum mean discrepancy with the cubic kernel
(Binkowski et al. 2018, arXiv 1801.01401). Diversity: mean Euclidean distance between the features
of two pictures of one class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image

from skyserver.model import SkyModel

Floats = npt.NDArray[np.float64]
Pictures = npt.NDArray[np.uint8]
FEATURE_SIZE = 224  # pixels that EfficientNet-Lite0 looks at
BATCH = 16


@dataclass(frozen=True)
class Scores:
    """Distances between a set of pictures and the real one; KID is quoted times 1000."""

    count: int
    fd: float
    kid: float
    diversity: float


class FeatureNetwork:
    """Features `f` (n, d) of pictures.

    The input `x` (n, 3, 224, 224) is (RGB - 127) / 128, resized bicubically.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self.session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no common base for what it raises
            raise ValueError(
                f"{path}: cannot be read as an ONNX feature network: {error}"
            ) from error

    def __call__(
        self, pictures: Pictures, on_batch: Callable[[int], None] = lambda _: None
    ) -> Floats:
        """Pictures (n, height, width, 3) uint8."""
        features = []
        for start in range(0, len(pictures), BATCH):
            x = np.stack([self._prepare(picture) for picture in pictures[start : start + BATCH]])
            features.append(self.session.run(["f"], {"x": x})[0])
            on_batch(len(x))
        return np.concatenate(features, dtype=np.float64)

    @staticmethod
    def _prepare(picture: Pictures) -> npt.NDArray[np.float32]:
        size = (FEATURE_SIZE, FEATURE_SIZE)
        resized = Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC)
        return ((np.asarray(resized, np.float32) - 127) / 128).transpose(2, 0, 1)


def frechet_distance(a: Floats, b: Floats) -> float:
    """|mean a - mean b|² + tr(A + B - 2 (A B)^½) of features (n, d)."""
    difference = a.mean(axis=0) - b.mean(axis=0)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    product = np.linalg.eigvalsh(root @ cov_b @ root)
    cross = np.sqrt(np.maximum(product, 0)).sum()
    return float(difference @ difference + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def kernel_distance(a: Floats, b: Floats) -> float:
    """Unbiased squared MMD of features (n, d) with k(x, y) = (x.y / d + 1)³."""
    d = a.shape[1]
    k_aa, k_bb, k_ab = ((x @ y.T / d + 1) ** 3 for x, y in ((a, a), (b, b), (a, b)))
    return float(_off_diagonal_mean(k_aa) + _off_diagonal_mean(k_bb) - 2 * k_ab.mean())


def _off_diagonal_mean(square: Floats) -> float:
    n = len(square)
    return float((square.sum() - np.trace(square)) / (n * (n - 1)))


def diversity(features: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Mean over classes of the mean distance between two members of the class."""
    means = []
    for label in np.unique(labels):
        x = features[labels == label]
        squares = (x**2).sum(axis=1)
        distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * x @ x.T, 0))
        means.append(_off_diagonal_mean(distances))
    return float(np.mean(means))


def sample(
    model: SkyModel,
    labels: npt.NDArray[np.int64],
    psi: float,
    seed: int,
    on_batch: Callable[[int], None],
) -> Pictures:
    """One picture of a fresh latent for each label, (n, height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    info, pictures = model.info, []
    classes = np.eye(len(info.classes), dtype=np.float32)
    for label in labels:
        z = rng.standard_normal((1, 1, info.z_dim), np.float32).repeat(info.layers, axis=1)
        image = model.run(z, classes[label], psi)
        pictures.append(np.round(image * 255).astype(np.uint8))
        on_batch(1)
    return np.concatenate(pictures)


def score(fake: Floats, fake_labels: npt.NDArray[np.int64], real: Floats) -> Scores:
    """All the figures for one set of features against the real set."""
    kid = 1000 * kernel_distance(fake, real)
    return Scores(len(fake), frechet_distance(fake, real), kid, diversity(fake, fake_labels))
