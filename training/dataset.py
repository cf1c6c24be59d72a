"""Data sets: class folders or an archive in, a checked archive with labels out, and its pictures as
one tensor."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from skyserver.decode import decode
from skyserver.errors import UnreadableImage
from skyserver.panorama.skyline import sky_rows
from training.archive import MAX_PICTURE_BYTES, Archive, check_class_names, is_picture


@dataclass(frozen=True)
class SkyData:
    """Pictures (n, 3, resolution, resolution) uint8 and their class indices (n,) int64.

    An unlabelled data set has no classes, and index 0 throughout.
    """

    images: Tensor
    labels: Tensor
    classes: list[str]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Source:
    """A picture that has not been read yet, and the class it belongs to (None: unlabelled)."""

    name: str
    label: str | None
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Sources:
    """Pictures to build a data set of, and the names of their classes in order."""

    pictures: list[Source]
    classes: list[str]


@dataclass(frozen=True)
class Built:
    """What `build` wrote: how many pictures, how many of each class, and why it left others out."""

    pictures: int
    counts: dict[str, int]
    skipped: list[str]


def load(path: Path, resolution: int) -> SkyData:
    """Open a data set archive at `resolution` pixels; larger pictures are shrunk with Lanczos.

    An archive in StyleGAN2-ADA's own layout is read as it is. Raises ValueError naming the file for
    a missing or wrong table, and for a picture that does not open, is not square, is too small, or
    is not of one size with the first.
    """
    with Archive(path) as archive:
        table = archive.table()
        if not table.labels:
            raise ValueError(f"{path}: holds no pictures")
        images = np.empty((len(table.labels), resolution, resolution, 3), np.uint8)
        size: tuple[int, int] | None = None
        for index, name in enumerate(table.labels):
            picture = _picture(archive.read(name), name)
            size = size or (min(picture.size), min(picture.size))
            if picture.size != size:
                raise ValueError(
                    f"{path}: {name}: {_shown(picture.size)} is not allowed; allowed: "
                    f"{_shown(size)}, square and as large as the first; "
                    "`python -m training dataset` makes them so"
                )
            images[index] = _square(picture, name, resolution)
    labels = torch.tensor(list(table.labels.values()))
    return SkyData(torch.from_numpy(images).permute(0, 3, 1, 2), labels, table.classes)


def build(
    source: Path,
    destination: Path,
    resolution: int,
    above_ground: bool = False,
    skip_bad: bool = False,
    show: Callable[[list[Source]], Iterable[Source]] = list,
) -> Built:
    """Write a data set archive of square WebP pictures from folders or an archive of them.

    The layout is <class>/<picture>, as in the original CCSN database; pictures without folders make
    an unlabelled data set, and a data set archive keeps its classes. Each picture is decoded,
    cropped to its central square and resized. With `above_ground` it is first cut off above the
    ground that it shows (`skyserver.panorama.skyline`), and the smaller square that remains is
    enlarged. The first picture that cannot be used stops the build with a ValueError and nothing is
    written; with `skip_bad` it is left out. `show` is given the pictures to go through, to display
    progress.
    """
    labels: list[tuple[str, str | None]] = []
    skipped: list[str] = []
    with _opened(source) as sources, _written_whole(destination) as output:
        for item in show(sources.pictures):
            try:
                picture = _picture(item.read(), item.name)
                data = _webp(_square(picture, item.name, resolution, above_ground))
            except ValueError as error:
                if not skip_bad:
                    raise
                skipped.append(str(error))
                continue
            name = f"{item.label or 'pictures'}/{len(labels):05d}.webp"
            output.writestr(name, data)
            labels.append((name, item.label))
        if not labels:
            left_out = f" that can be used ({len(skipped)} skipped)" if skipped else ""
            raise ValueError(f"{source}: holds no pictures{left_out}; expected <class>/<picture>")
        output.writestr("dataset.json", _table(labels, sources.classes))
    counts = {c: sum(label == c for _, label in labels) for c in sources.classes}
    return Built(len(labels), counts, skipped)


def _table(labels: list[tuple[str, str | None]], classes: list[str]) -> str:
    if not classes:
        return json.dumps({"labels": None})
    numbers = {name: index for index, name in enumerate(classes)}
    pairs = [[name, numbers[label]] for name, label in labels if label is not None]
    return json.dumps({"classes": classes, "labels": pairs})


@contextmanager
def _opened(source: Path) -> Iterator[Sources]:
    if source.is_dir():
        paths = [p for pattern in ("*", "*/*") for p in sorted(source.glob(pattern))]
        readers = {
            path.relative_to(source).as_posix(): partial(_read, path)
            for path in paths
            if is_picture(path.relative_to(source)) and path.is_file()
        }
        yield _by_folder(readers)
        return
    if not source.exists():
        raise ValueError(f"{source}: no such folder or archive")
    with Archive(source) as archive:
        if "dataset.json" not in archive:
            yield _by_folder({name: partial(archive.read, name) for name in archive.pictures()})
            return
        table = archive.table()
        names = [table.classes[label] if table.classes else None for label in table.labels.values()]
        pictures = [
            Source(name, label, partial(archive.read, name))
            for name, label in zip(table.labels, names, strict=True)
        ]
        yield Sources(pictures, table.classes)


def _by_folder(readers: Mapping[str, Callable[[], bytes]]) -> Sources:
    """The folder of a picture is its class; only where no picture has one there are none."""
    folders = {name: PurePosixPath(name).parent.name for name in readers}
    classes = sorted(set(folders.values()) - {""})
    check_class_names(classes)
    pictures = [
        Source(name, folders[name] or None, read)
        for name, read in readers.items()
        if folders[name] or not classes
    ]
    return Sources(pictures, classes)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_PICTURE_BYTES:
        raise ValueError(f"{path}: is no picture: allowed are {MAX_PICTURE_BYTES} bytes")
    return data


@contextmanager
def _written_whole(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that appears at `path` when it is finished, and not at all after an error."""
    temporary = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            yield archive
        os.replace(temporary, path)
    except OSError as error:
        raise ValueError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _picture(data: bytes, name: str) -> Image.Image:
    try:
        pixels = decode(data, name)
    except UnreadableImage as error:
        raise ValueError(str(error)) from error
    return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))


def _webp(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "webp", quality=95, method=4)
    return buffer.getvalue()


def _square(
    picture: Image.Image, name: str, resolution: int, above_ground: bool = False
) -> NDArray[np.uint8]:
    """Central square of a picture at `resolution`, as (resolution, resolution, 3) uint8."""
    side = min(picture.size)
    if side < resolution:
        raise ValueError(
            f"{name}: {_shown(picture.size)} is not allowed; allowed: at least {resolution}²"
        )
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    if above_ground:
        sky = sky_rows(np.asarray(picture.crop(box), np.float32) / np.float32(255))
        left += (side - sky) // 2
        box = (left, top, left + sky, top + sky)
    return np.asarray(picture.resize((resolution, resolution), Image.Resampling.LANCZOS, box=box))


def _shown(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
