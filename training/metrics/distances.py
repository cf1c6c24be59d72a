"""How far two sets of pictures lie apart, by their features (n, d).

FD: Frechet distance of Gaussians (Heusel et al. 2017, arXiv 1706.08500), called FID only with
Inception's features. It falls with n, so that two figures compare only at the same n. KID: unbiased
squared maximum mean discrepancy with the cubic kernel (Binkowski et al. 2018, arXiv 1801.01401),
quoted times 1000. Diversity: mean Euclidean distance between the features of two pictures of one
class.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics.pairwise import euclidean_distances

from training.metrics.features import Floats


def frechet_distance(a: Floats, b: Floats) -> float:
    """|mean a - mean b|² + tr(A + B - 2 (A B)^½), with A and B the covariances.

    With A = PᵀP and B = QᵀQ the trace of (A B)^½ is the sum of the singular values of P Qᵀ, because
    A B has the eigenvalues of (P Qᵀ)ᵀ(P Qᵀ). Nothing is squared and rooted again, and sets smaller
    than d need no special case.
    """
    difference = a.mean(axis=0) - b.mean(axis=0)
    p, q = _covariance_factor(a), _covariance_factor(b)
    cross = np.linalg.svd(p @ q.T, compute_uv=False).sum()
    return float(difference @ difference + (p**2).sum() + (q**2).sum() - 2 * cross)


def _covariance_factor(x: Floats) -> Floats:
    """Matrix R (min(n, d), d) for which RᵀR is the covariance of features."""
    return np.linalg.qr((x - x.mean(axis=0)) / np.sqrt(len(x) - 1), mode="r")


def kernel_distance(a: Floats, b: Floats) -> float:
    """Unbiased squared MMD with k(x, y) = (x.y / d + 1)³."""
    d = a.shape[1]
    k_aa, k_bb, k_ab = ((x @ y.T / d + 1) ** 3 for x, y in ((a, a), (b, b), (a, b)))
    return float(_off_diagonal_mean(k_aa) + _off_diagonal_mean(k_bb) - 2 * k_ab.mean())


def diversity(features: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Mean over classes, of two members or more, of the mean distance between two members."""
    classes, counts = np.unique_counts(labels)
    groups = (features[labels == label] for label in classes[counts > 1])
    return float(np.mean([_off_diagonal_mean(euclidean_distances(x)) for x in groups]))


def _off_diagonal_mean(square: Floats) -> float:
    n = len(square)
    return float((square.sum() - np.trace(square)) / (n * (n - 1)))
