"""Data sets: class folders or an archive in, a checked archive with labels out, and its pictures as
one tensor."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from skyserver.panorama.skyline import sky_rows

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@dataclass(frozen=True)
class SkyData:
    """Pictures (n, 3, resolution, resolution) uint8 and their class indices (n,) int64."""

    images: Tensor
    labels: Tensor
    classes: list[str]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Source:
    """A picture that has not been opened yet: where it is and which class it belongs to."""

    name: str
    label: str
    data: bytes


def load(path: Path, resolution: int) -> SkyData:
    """Open a data set archive at `resolution` pixels; larger pictures are shrunk with Lanczos.

    Raises ValueError naming the file for a missing table, a picture that does not open, or one that
    is too small.
    """
    with _open(path) as archive:
        table = _table(path, archive)
        classes = _class_names(archive, table)
        names, labels = _checked_labels(path, archive, table, len(classes))
        images = np.empty((len(names), resolution, resolution, 3), np.uint8)
        for index, name in enumerate(names):
            images[index] = _square(_picture(archive.read(name), name), name, resolution)
    return SkyData(torch.from_numpy(images).permute(0, 3, 1, 2), torch.tensor(labels), classes)


def build(
    source: Path, destination: Path, resolution: int, above_ground: bool = False
) -> dict[str, int]:
    """Write a data set archive of square WebP pictures from class folders or an archive of them.

    The layout is <class>/<picture>, as in the original CCSN database. Each picture is decoded,
    cropped to its central square and resized. With `above_ground` it is first cut off above the
    ground that it shows (`skyserver.panorama.skyline`), and the smaller square that remains is
    enlarged. The first picture that cannot be used stops the build with a ValueError and nothing is
    written. Returns the number of pictures of each class.
    """
    sources = _walk_archive(source) if source.is_file() else _walk_folders(source)
    temporary = destination.with_suffix(".part")
    labels: list[tuple[str, str]] = []
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for item in sources:
                pixels = _square(
                    _picture(item.data, item.name), item.name, resolution, above_ground
                )
                buffer = io.BytesIO()
                Image.fromarray(pixels).save(buffer, "webp", quality=95, method=4)
                name = f"{item.label}/{len(labels):05d}.webp"
                archive.writestr(name, buffer.getvalue())
                labels.append((name, item.label))
            if not labels:
                expected = f"expected <class>/<picture>{PICTURE_SUFFIXES}"
                raise ValueError(f"{source}: holds no pictures; {expected}")
            classes = sorted({label for _, label in labels})
            pairs = [[name, classes.index(label)] for name, label in labels]
            archive.writestr("dataset.json", json.dumps({"classes": classes, "labels": pairs}))
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
    return {code: sum(label == code for _, label in labels) for code in classes}


def _walk_folders(root: Path) -> Iterator[Source]:
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder or archive")
    for path in sorted(root.glob("*/*")):
        if path.suffix.lower() in PICTURE_SUFFIXES:
            yield Source(str(path.relative_to(root)), path.parent.name, path.read_bytes())


def _walk_archive(path: Path) -> Iterator[Source]:
    with _open(path) as archive:
        for name in sorted(archive.namelist()):
            parts = PurePosixPath(name).parts
            if len(parts) >= 2 and PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES:
                yield Source(name, parts[-2], archive.read(name))


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: cannot be read as a zip archive: {error}") from error


def _table(path: Path, archive: zipfile.ZipFile) -> dict:
    if "dataset.json" not in archive.namelist():
        raise ValueError(f"{path}: has no dataset.json; make one with `python -m training dataset`")
    return json.loads(archive.read("dataset.json"))


def _checked_labels(
    path: Path, archive: zipfile.ZipFile, table: dict, classes: int
) -> tuple[list[str], list[int]]:
    """Names and class indices of a table that comes from outside."""
    try:
        names, labels = zip(
            *((str(name), int(label)) for name, label in table["labels"]), strict=True
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: labels in dataset.json must be [file, class] pairs") from error
    known = set(archive.namelist())
    for name, label in zip(names, labels, strict=True):
        if name not in known:
            raise ValueError(f"{path}: dataset.json names {name}, which is not in the archive")
        if not 0 <= label < classes:
            raise ValueError(f"{path}: {name} has class {label}; allowed: 0 to {classes - 1}")
    return list(names), list(labels)


def _class_names(archive: zipfile.ZipFile, table: dict) -> list[str]:
    if "classes" in table:
        return table["classes"]
    if "classes.json" in archive.namelist():
        return json.loads(archive.read("classes.json"))
    return [str(index) for index in range(1 + max(label for _, label in table["labels"]))]


def _picture(data: bytes, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name}: cannot be read as a picture: {error}") from error


def _square(
    picture: Image.Image, name: str, resolution: int, above_ground: bool = False
) -> np.ndarray:
    """Central square of a picture at `resolution`, as (resolution, resolution, 3) uint8."""
    side = min(picture.size)
    if side < resolution:
        given = f"{picture.width}x{picture.height}"
        raise ValueError(f"{name}: {given} is not allowed; allowed: at least {resolution}²")
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    if above_ground:
        sky = sky_rows(np.asarray(picture.crop(box), np.float32) / 255)
        left += (side - sky) // 2
        box = (left, top, left + sky, top + sky)
    return np.asarray(picture.resize((resolution, resolution), Image.Resampling.LANCZOS, box=box))


def batches(
    data: SkyData, size: int, generator: torch.Generator, x_flip: bool = True
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches (uint8 pictures, labels): every picture once per pass, each pass shuffled,
    half of them mirrored."""
    order = torch.empty(0, dtype=torch.int64)
    while True:
        while len(order) < size:
            order = torch.cat([order, torch.randperm(len(data), generator=generator)])
        chosen, order = order[:size].to(data.images.device), order[size:]
        images = data.images[chosen]
        if x_flip:
            mirrored = (torch.rand(size, generator=generator) < 0.5).to(images.device)
            images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
        yield images, data.labels[chosen]
