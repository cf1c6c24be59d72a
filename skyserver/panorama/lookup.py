"""Bilinear reading of an image at given places, with the places worked out once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Lookup:
    """Reads images of one size at fixed `rows` and `columns` (in texels, centres at i + 0.5).

    Columns wrap round if `wraps`, else places outside read the nearest texel.
    """

    def __init__(self, rows: Doubles, columns: Doubles, size: tuple[int, int], wraps: bool) -> None:
        height, width = size
        (top, bottom), down = _between(rows, height, wraps=False)
        (left, right), across = _between(columns, width, wraps)
        corners = [
            (top * width + left, (1 - down) * (1 - across)),
            (top * width + right, (1 - down) * across),
            (bottom * width + left, down * (1 - across)),
            (bottom * width + right, down * across),
        ]
        self._corners = [(index, weight) for index, weight in corners if weight.any()]

    def __call__(self, planes: Floats) -> Floats:
        """Values (c, ...) of `planes` (c, h, w), `...` being the shape of the places."""
        texels = planes.reshape(len(planes), -1)
        (index, weight), *rest = self._corners
        # Nothing is out of range: "clip" spares the check, which would copy the result.
        value = np.take(texels, index, axis=1, mode="clip")
        value *= weight
        for index, weight in rest:
            corner = np.take(texels, index, axis=1, mode="clip")
            corner *= weight
            value += corner
        return value


def _between(
    places: Doubles, size: int, wraps: bool
) -> tuple[tuple[NDArray[np.int32], NDArray[np.int32]], Floats]:
    first = np.floor(places - 0.5)
    weight = (places - 0.5 - first).astype(np.float32)
    pair = np.stack([first, first + 1]).astype(np.int32)
    pair = pair % size if wraps else np.clip(pair, 0, size - 1)
    return (pair[0], pair[1]), weight
