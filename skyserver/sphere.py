"""Equirectangular panorama <-> six cube faces <-> perspective view.

Images are float32 in [0, 1] with RGB last and may be batched: `...` stands for any leading axes.
A panorama is in Unity's orientation (skyserver/orientation.py) unless one is named: the texel with
its centre at u = (x + 0.5) / W, v = (y + 0.5) / H lies at the azimuth atan2(z, x) = (0.5 - u) 2pi,
pi v away from the zenith.

Values are read from a spline through the texels (skyserver/spline.py). A source that is finer than
what is made of it is resized first (skyserver/resample.py), so that nothing aliases: a face counts
as fine as a panorama four times as wide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skyserver.cores import on_cores
from skyserver.errors import InvalidField
from skyserver.orientation import FACE_FRAMES, Matrix, named
from skyserver.resample import Image, extend, reach, resize, resize_interior
from skyserver.spline import (
    MARGIN,
    Doubles,
    Floats,
    Taps,
    gather,
    locate,
    parabola,
    to_coefficients,
)

_CHUNK: Final = 1 << 15  # texels made at a time: they stay in the cache, threads seldom meet
_CHUNKS_KEPT: Final = 256  # sampling tables, 400 kB each: 2048x1024 to faces and back takes 112


def equirect_to_faces(equirect: Image, size: int, orientation: str = "unity") -> Image:
    """Cube faces (..., 6, size, size, 3), in the order of `FACES`, of a panorama (..., H, 2 H, 3).

    Raises `InvalidField` for a panorama that is not twice as wide as high, or an orientation that
    does not exist.
    """
    _check_panorama(equirect)
    faces = _each(lambda image: _faces(image, size), equirect, axes=3)
    return _turn(faces, named(orientation).lookup_to_unity)


def faces_to_equirect(faces: Image, width: int, orientation: str = "unity") -> Image:
    """Panorama (..., width / 2, width, 3) of cube faces (..., 6, size, size, 3) in `orientation`.

    Raises `InvalidField` for an odd width, for faces that are not six equal squares, or an
    orientation that does not exist.
    """
    if width < 2 or width % 2:
        raise InvalidField("width", width, "an even number of pixels")
    if faces.ndim < 4 or faces.shape[-4] != 6 or faces.shape[-3] != faces.shape[-2]:
        raise InvalidField("faces", faces.shape, "six equal squares")
    faces = _turn(faces, named(orientation).lookup_to_unity.T)
    return _each(lambda image: _equirect(image, width), faces, axes=4)


def equirect_to_view(
    equirect: Image, yaw: float, pitch: float, fov: float, width: int, height: int
) -> Image:
    """What a camera sees (..., height, width, 3) of a panorama (..., H, 2 H, 3).

    `yaw` is clockwise from forward (+Z) as seen from above, `pitch` is upwards, `fov` is how much
    the width covers, all in degrees. Raises `InvalidField` unless 0 < fov < 180.
    """
    _check_panorama(equirect)
    if not 0 < fov < 180:
        raise InvalidField("fov", fov, "more than 0 and less than 180 degrees")
    edge = np.tan(np.radians(fov) / 2)
    frame = FACE_FRAMES[4] * [[edge], [edge], [1.0]] @ _rotation(yaw, pitch)
    face_size = max(1, round(width / edge))  # of a face as fine as the middle of the view

    def view(image: Image) -> Image:
        grid = _panorama_grid(_no_finer(image, face_size))

        def taps(start: int, stop: int) -> Taps:
            rows = (np.arange(start, stop) + 0.5 - height / 2) * 2 / width
            return _in_panorama(_plane(frame, _across(width), rows), _grid_width(grid))

        image = np.empty((height, width, 3), np.float32)
        _sample(grid, taps, image)
        return image

    return _each(view, equirect, axes=3)


def reorient(equirect: Image, source: str, target: str) -> Image:
    """A panorama (..., H, 2 H, 3), same texels, turned from one engine's orientation to another's.

    Raises `InvalidField` for a panorama that is not twice as wide as high, or an orientation that
    does not exist.
    """
    _check_panorama(equirect)
    turn = named(source).centre_yaw - named(target).centre_yaw
    if turn == 0:
        return equirect  # not copied: it is 25 MB at 2048
    return np.roll(equirect, turn * equirect.shape[-2] // 360, axis=-2)


def reorient_faces(faces: Image, source: str, target: str) -> Image:
    """Cube faces (..., 6, size, size, 3) turned from one engine's orientation to another's."""
    upright = _turn(faces, named(source).lookup_to_unity.T)
    return _turn(upright, named(target).lookup_to_unity)


# From a panorama: its columns wrap, beyond a pole they go on half a turn away.


def _faces(equirect: Image, size: int) -> Image:
    grid = _panorama_grid(_no_finer(equirect, size))
    faces = np.empty((6, size, size, 3), np.float32)
    for face, image in enumerate(faces):
        _sample(grid, partial(_face_taps, _grid_width(grid), face, size), image)
    return faces


@lru_cache(_CHUNKS_KEPT)
def _face_taps(width: int, face: int, size: int, start: int, stop: int) -> Taps:
    directions = _plane(FACE_FRAMES[face], _across(size), _across(size)[start:stop])
    return _in_panorama(directions, width)


def _no_finer(equirect: Image, face_size: int) -> Image:
    if equirect.shape[1] <= 4 * face_size:
        return equirect
    return resize(equirect, 4 * face_size, 2 * face_size, wrap=True)


def _panorama_grid(equirect: Image) -> Floats:
    grid = extend(equirect, MARGIN)
    to_coefficients(grid)
    return grid


def _grid_width(grid: Floats) -> int:
    """Width of the panorama in a grid."""
    return int(grid.shape[1]) - 2 * MARGIN


def _in_panorama(directions: Doubles, width: int) -> Taps:
    """Where directions (..., 3) lie in the grid of a panorama."""
    x, y, z = np.moveaxis(directions, -1, 0)
    texels_per_radian = width / (2 * np.pi)
    column = (width - 1) / 2 - np.arctan2(z, x) * texels_per_radian
    row = np.arctan2(np.sqrt(x * x + z * z), y) * texels_per_radian - 0.5
    return locate(column, row, MARGIN, width + 2 * MARGIN)


# From faces: beyond an edge the next face goes on.


def _equirect(faces: Image, width: int) -> Image:
    size, finest = faces.shape[1], max(1, width // 4)
    if size > finest:
        margin = reach(size / finest)
        grids = _face_grids(faces, margin)
        faces = np.stack([resize_interior(grid, margin, finest, finest) for grid in grids])
        size = finest
    grids = _face_grids(faces, MARGIN)
    on_cores(to_coefficients, grids)
    equirect = np.empty((width // 2, width, 3), np.float32)
    _sample(grids, partial(_panorama_taps, size, width), equirect)
    return equirect


@lru_cache(_CHUNKS_KEPT)
def _panorama_taps(size: int, width: int, start: int, stop: int) -> Taps:
    return _in_faces(_panorama_rows(width, start, stop), size, MARGIN)


def _face_grids(faces: Image, margin: int) -> Floats:
    """Samples (6, size + 2 margin, size + 2 margin, 4) of faces and of what lies round each."""
    size = faces.shape[1]
    grids = np.zeros((6, size + 2 * margin, size + 2 * margin, 4), np.float32)
    inside = slice(margin, margin + size)
    for channel in range(3):  # numpy is slow where the last axis is short
        grids[:, inside, inside, channel] = faces[..., channel]
    # Repeated edges are only for taps near the cube's corners, of which there are eight.
    grids[:, :margin] = grids[:, margin, None]
    grids[:, -margin:] = grids[:, -margin - 1, None]
    grids[:, :, :margin] = grids[:, :, margin, None]
    grids[:, :, -margin:] = grids[:, :, -margin - 1, None]
    for face in range(6):
        ring, taps = _ring(face, size, margin)
        grids.reshape(6, -1, 4)[face, ring] = gather(grids, taps, parabola)
    return grids


@lru_cache(24)
def _ring(face: int, size: int, margin: int) -> tuple[NDArray[np.intp], Taps]:
    """Flat indices of a grid's texels outside of the face, and where they lie in the others."""
    places = (np.arange(-margin, size + margin) + 0.5) * 2 / size - 1
    outside = np.abs(places) > 1
    ring = np.flatnonzero(outside | outside[:, None])
    directions = _plane(FACE_FRAMES[face], places, places).reshape(-1, 3)[ring]
    return ring, _in_faces(directions, size, margin)


def _in_faces(directions: Doubles, size: int, margin: int) -> Taps:
    """Where directions (..., 3) lie in the grids of six faces."""
    directions = directions.reshape(-1, 3)
    axis = np.abs(directions).argmax(axis=1)
    depth = np.take_along_axis(directions, axis[:, None], axis=1)[:, 0]
    face = 2 * axis + (depth < 0)
    a, b = np.einsum("nij,nj->in", FACE_FRAMES[face, :2], directions) / np.abs(depth)
    columns = size + 2 * margin
    taps = locate((a + 1) * size / 2 - 0.5, (b + 1) * size / 2 - 0.5, margin, columns)
    return taps._replace(nearest=taps.nearest + (face * columns * columns).astype(np.int32))


# Shared by all


def _check_panorama(equirect: Image) -> None:
    if equirect.ndim < 3 or equirect.shape[-2] != 2 * equirect.shape[-3]:
        raise InvalidField("panorama", equirect.shape[-3:-1], "twice as wide as high")


def _each(convert: Callable[[Image], Image], images: Image, axes: int) -> Image:
    """Convert every item, which has the last `axes` axes, of a batch."""
    if images.ndim == axes:
        return convert(images)
    items = images.reshape(-1, *images.shape[-axes:])
    converted = np.stack([convert(item) for item in items])
    return converted.reshape(*images.shape[:-axes], *converted.shape[1:])


def _sample(grids: Floats, taps: Callable[[int, int], Taps], image: Image) -> None:
    """Fill a picture (height, width, 3) with what `taps`, given a range of rows, find in grids."""
    height, width, _ = image.shape
    step = max(1, _CHUNK // width)

    def fill(start: int) -> None:
        stop = min(start + step, height)
        values = gather(grids, taps(start, stop))
        np.clip(values, 0, 1, out=values)  # splines overshoot at hard edges
        for channel in range(3):  # numpy is slow where the last axis is short
            image[start:stop, :, channel] = values[:, channel].reshape(stop - start, width)

    on_cores(fill, range(0, height, step))


def _across(size: int) -> Doubles:
    """Texel centres of an edge from -1 to 1."""
    return (np.arange(size) + 0.5) * 2 / size - 1


def _plane(frame: Matrix, a: Doubles, b: Doubles) -> Doubles:
    """Vectors (len(b), len(a), 3) at the places a, b of a plane at distance 1."""
    right, down, centre = frame
    vectors: Doubles = centre + a[:, None] * right + b[:, None, None] * down
    return vectors


def _panorama_rows(width: int, start: int, stop: int) -> Doubles:
    azimuth = (0.5 - (np.arange(width) + 0.5) / width) * 2 * np.pi
    polar = ((np.arange(start, stop) + 0.5) / width * 2 * np.pi)[:, None]
    x, z = np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth)
    return np.stack([x, np.broadcast_to(np.cos(polar), x.shape), z], axis=-1)


def _rotation(yaw: float, pitch: float) -> Matrix:
    """Matrix (3, 3) that turns row vectors up by `pitch`, then right by `yaw`, in degrees."""
    (sy, sp), (cy, cp) = np.sin(np.radians([yaw, pitch])), np.cos(np.radians([yaw, pitch]))
    up = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    right = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    rotation: Matrix = up @ right
    return rotation


def _turn(faces: Image, matrix: Matrix) -> Image:
    """Faces (..., 6, size, size, 3) of a cube whose lookups v find what `matrix` @ v did.

    `matrix` permutes and negates axes, so that faces change places and are turned or mirrored.
    """
    turned = np.empty_like(faces)
    for face, frame in enumerate(FACE_FRAMES):
        *edges, centre = frame @ matrix.T
        source = int(np.argmax(FACE_FRAMES[:, 2] @ centre))
        across, down = FACE_FRAMES[source, :2] @ np.transpose(edges)  # in terms of a and b
        image = faces[..., source, :: int(down.sum()), :: int(across.sum()), :]
        turned[..., face, :, :, :] = image if across[0] else image.swapaxes(-2, -3)
    return turned
