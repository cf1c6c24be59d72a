"""Six cube faces in one image: strip, horizontal cross, vertical cross.

    strip                       horizontal cross    vertical cross
    +X -X +Y -Y +Z -Z              +Y                  +Y
                                -X +Z +X -Z         -X +Z +X
                                   -Y                  -Y
                                                       -Z, upside down

Neighbours in a cross touch where they touch on the cube, so that it folds; that is why the last
face of the vertical one stands on its head. Unused cells are black. Faces keep the orientation
they have (skyserver/orientation.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.errors import InvalidField
from skyserver.orientation import FACES

Image = NDArray[np.float32]

_CELLS: Final = {  # a face for each cell, ".." is unused
    "strip": ("+X -X +Y -Y +Z -Z",),
    "horizontal-cross": (".. +Y .. ..", "-X +Z +X -Z", ".. -Y .. .."),
    "vertical-cross": (".. +Y ..", "-X +Z +X", ".. -Y ..", ".. -Z .."),
}


def assemble(faces: Image, layout: str) -> Image:
    """One image (height, width, 3) of faces (6, size, size, 3) in the order of `FACES`.

    `layout` is strip, horizontal-cross or vertical-cross.
    """
    size = faces.shape[1]
    columns, rows = _shape(layout)
    image = np.zeros((rows * size, columns * size, 3), faces.dtype)
    for face, cell in _cells(image, layout):
        cell[:] = faces[face]
    return image


def split(image: Image, layout: str) -> Image:
    """Faces (6, size, size, 3) in the order of `FACES` of one image (height, width, 3).

    A strip may also stand upright. Raises `InvalidField` if the image does not consist of squares.
    """
    height, width, _ = image.shape
    if guess_layout(width, height) != layout:
        columns, rows = _shape(layout)
        upright = f" or {rows}:{columns}" if layout == "strip" else ""
        allowed = f"six equal squares, so {columns}:{rows}{upright} for a {layout}"
        raise InvalidField("image", f"{width} x {height}", allowed)
    if layout == "strip" and height > width:
        return image.reshape(6, width, width, 3)
    size = height // _shape(layout)[1]
    faces = np.empty((6, size, size, 3), image.dtype)
    for face, cell in _cells(image, layout):
        faces[face] = cell
    return faces


def guess_layout(width: int, height: int) -> str | None:
    """The layout whose proportions an image of that size has exactly, a strip upright or not."""
    for layout in _CELLS:
        columns, rows = _shape(layout)
        size = max(1, width // columns)
        if (width, height) == (columns * size, rows * size):
            return layout
    return "strip" if height == 6 * width else None


def _shape(layout: str) -> tuple[int, int]:
    """Columns and rows of cells."""
    cells = _CELLS[layout]
    return len(cells[0].split()), len(cells)


def _cells(image: Image, layout: str) -> Iterator[tuple[int, Image]]:
    """For each face its index and a view of its cell, the right way up."""
    size = image.shape[0] // _shape(layout)[1]
    for row, names in enumerate(_CELLS[layout]):
        for column, name in enumerate(names.split()):
            if name in FACES:
                top, left = row * size, column * size
                cell = image[top : top + size, left : left + size]
                upside_down = layout == "vertical-cross" and name == "-Z"
                yield FACES.index(name), cell[::-1, ::-1] if upside_down else cell
