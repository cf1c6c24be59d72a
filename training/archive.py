"""A data set archive from outside, read one picture at a time within bounds.

The layout is that of StyleGAN2-ADA: pictures in any folders of a zip file, and `dataset.json` with
{"labels": [[picture, class number], ...]}, or {"labels": null} where there are no classes. The
names of the classes stand beside the labels as {"classes": [...]}, or in `classes.json`.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
MAX_PICTURE_BYTES = 256 * 2**20
MAX_TABLE_BYTES = 64 * 2**20  # a million labels take 50
MAX_EXPANSION = 100  # times the size of the archive: pictures do not shrink as bombs do
SMALL = 2**30  # bytes that an archive may expand to whatever its own size
MAX_CLASSES = 10_000
MAX_NAME = 80  # characters of a class name
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}


@dataclass(frozen=True)
class Table:
    """Class number of each picture, and the names of the classes; none for an unlabelled set."""

    labels: dict[str, int]
    classes: list[str]


class Archive:
    """An open zip file of pictures.

    Raises ValueError naming the file, and the entry at fault, for what is no zip file, for paths
    that lead out of it, for entries that are there twice, encrypted, packed in a way that cannot
    be read piecemeal, or larger than a picture, and for an archive that expands like a bomb.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path}: cannot be read as a zip archive: {error}") from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        try:
            self._check_entries()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def pictures(self) -> list[str]:
        """Names of the entries that are pictures, sorted; hidden ones are left out."""
        return sorted(name for name in self._entries if is_picture(PurePosixPath(name)))

    def read(self, name: str) -> bytes:
        """One entry, of which no more than its stated size is unpacked.

        Raises ValueError naming it where the archive is broken there.
        """
        info = self._entries[name]
        try:
            with self._zip.open(info) as file:
                data = file.read(info.file_size)
                if len(data) < info.file_size or file.read(1):
                    raise ValueError(f"{name}: is not as long as the archive says")
                return data
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise ValueError(f"{name}: broken in the archive: {error}") from error

    def table(self) -> Table:
        """The labels, checked; raises ValueError naming the archive and the picture at fault."""
        if "dataset.json" not in self:
            advice = "make one with `python -m training dataset`"
            raise ValueError(f"{self.path}: has no dataset.json; {advice}")
        content = self._json("dataset.json")
        if not isinstance(content, dict) or "labels" not in content:
            raise ValueError(f"{self.path}: dataset.json has no labels")
        if content["labels"] is None:
            return Table(dict.fromkeys(self.pictures(), 0), [])
        labels = self._labels(content["labels"])
        return Table(labels, self._class_names(content, labels))

    def _check_entries(self) -> None:
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            name, shown = info.filename, repr(info.filename[:80])
            if not _is_safe(name):
                raise ValueError(f"{self.path}: {shown} is no path inside the archive")
            if name in self._entries:
                raise ValueError(f"{self.path}: {shown} is there twice")
            if info.compress_type not in METHODS or info.flag_bits & 1:
                allowed = ", ".join(METHODS.values())
                raise ValueError(f"{self.path}: {shown} is encrypted or not one of {allowed}")
            if info.file_size > MAX_PICTURE_BYTES:
                raise ValueError(
                    f"{self.path}: {shown} has {info.file_size} bytes; "
                    f"allowed: at most {MAX_PICTURE_BYTES}"
                )
            self._entries[name] = info
        expanded = sum(info.file_size for info in self._entries.values())
        if expanded > max(SMALL, MAX_EXPANSION * self.path.stat().st_size):
            raise ValueError(
                f"{self.path}: expands to {expanded} bytes, "
                f"more than {MAX_EXPANSION} times its size"
            )

    def _json(self, name: str) -> Any:
        try:
            if self._entries[name].file_size > MAX_TABLE_BYTES:
                raise ValueError(f"more than {MAX_TABLE_BYTES} bytes")
            return json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{self.path}: {name} cannot be read: {error}") from error

    def _labels(self, pairs: object) -> dict[str, int]:
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise ValueError(
                f"{self.path}: labels in dataset.json must be [file, class number] pairs"
            )
        labels: dict[str, int] = {}
        for name, label in pairs:
            if name not in self:
                raise ValueError(
                    f"{self.path}: dataset.json names {name[:80]!r}, which is not in the archive"
                )
            if name in labels:
                raise ValueError(f"{self.path}: dataset.json names {name[:80]!r} twice")
            labels[name] = label
        return labels

    def _class_names(self, content: dict[str, Any], labels: dict[str, int]) -> list[str]:
        names = content.get("classes")
        if names is None and "classes.json" in self:
            names = self._json("classes.json")
        if names is None:
            highest = max(labels.values(), default=-1)
            names = [str(index) for index in range(min(1 + highest, MAX_CLASSES))]
        try:
            check_class_names(names)
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from error
        for name, label in labels.items():
            if not 0 <= label < len(names):
                allowed = f"0 to {len(names) - 1}"
                raise ValueError(f"{self.path}: {name} has class {label}; allowed: {allowed}")
        return list(names)


def check_class_names(names: object) -> None:
    """Names go into files, menus and paths; raises ValueError for one that cannot."""
    if not isinstance(names, list) or len(names) > MAX_CLASSES:
        raise ValueError(f"classes must be a list of at most {MAX_CLASSES} names")
    for name in names:
        if type(name) is not str or not 0 < len(name) <= MAX_NAME or not _is_plain(name):
            raise ValueError(
                f"class {str(name)[:MAX_NAME]!r} is not allowed; allowed: 1 to {MAX_NAME} "
                "printable characters without , / \\ : and no . in front"
            )
    if len(set(names)) < len(names):
        raise ValueError("classes has a name twice")


def is_picture(path: PurePosixPath | Path) -> bool:
    """A picture by its name; hidden files, as some systems put beside each file, are none."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in PICTURE_SUFFIXES and not hidden


def _is_safe(name: str) -> bool:
    """A relative path of printable characters that does not leave the archive, on any system."""
    parts = PurePosixPath(name).parts
    foreign = "\\" in name or ":" in name or not name.isprintable()
    return bool(parts) and not name.startswith("/") and ".." not in parts and not foreign


def _is_plain(name: str) -> bool:
    return name.isprintable() and not name.startswith(".") and not set(name) & set(",/\\:")


def _is_pair(pair: object) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    return type(pair[0]) is str and type(pair[1]) is int and abs(pair[1]) < 2**31
