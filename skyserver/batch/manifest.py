"""The book of a batch: `manifest.jsonl`, one line for each sky whose files are there.

The first line says what the batch draws, so that another one cannot be mixed in. A sky's line is
appended after its files. What a crash leaves behind is put right when the book is opened the next
time: half a line, lines whose files are gone or cut short, files that were never finished.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any, Final

from skyserver.batch.drawing import Drawing, Entry
from skyserver.errors import InvalidField, OutputError

NAME: Final = "manifest.jsonl"

_LOCK: Final = ".lock"
_UNFINISHED: Final = ".*.tmp"  # what `skyserver.files` writes before it renames


class Manifest:
    """Knows which seeds are `done`, and writes down the next."""

    def __init__(self, folder: Path, file: FileIO, done: set[int]) -> None:
        self.done = done
        self._folder = folder
        self._file = file

    def append(self, entry: Entry) -> None:
        """Write down a sky; one that is done already is not written twice.

        Raises:
            OutputError: its files cannot be seen from here, or the line cannot be written.

        """
        if entry["seed"] in self.done:
            return
        if not _is_there(self._folder, entry):
            path = self._folder / entry["files"][0]["path"]
            raise OutputError(f"{path}: not seen from here; allowed: a folder all workers share")
        line = _line(entry)
        try:
            written = self._file.write(line)
        except OSError as error:
            raise OutputError(f"{self._file.name}: cannot be written ({error.strerror})") from None
        if written != len(line):
            raise OutputError(f"{self._file.name}: cannot be written (no space)")
        self.done.add(entry["seed"])


@contextmanager
def opened(drawing: Drawing) -> Iterator[Manifest]:
    """Open the manifest of a batch, or begin one, for this process alone.

    Raises:
        InvalidField: the folder has a manifest of something else, or another process is at it.
        OutputError: the folder or the manifest cannot be read or written.

    """
    folder = drawing.folder
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _hold(stack.enter_context((folder / _LOCK).open("wb")).fileno(), folder)
            _sweep(folder)
            done = _put_right(folder, _header(drawing))
            file = stack.enter_context(FileIO(folder / NAME, "ab"))
        except OSError as error:
            where = error.filename or folder
            raise OutputError(f"{where}: cannot be used ({error.strerror})") from None
        yield Manifest(folder, file, done)
        _sweep(folder)


def _header(drawing: Drawing) -> dict[str, Any]:
    facts = asdict(drawing.request)
    (output,) = facts.pop("outputs")
    return {"manifest": 1, "batch": facts | output | {"model": drawing.digest}}


def _put_right(folder: Path, header: dict[str, Any]) -> set[int]:
    """Write the manifest anew with the lines that hold, in one step, and return their seeds."""
    path, rewritten = folder / NAME, folder / f".{NAME}.tmp"
    done: set[int] = set()
    with rewritten.open("wb") as file:
        file.write(_line(header))
        for entry in _entries(path, header) if path.exists() else ():
            if entry["seed"] not in done and _is_there(folder, entry):
                done.add(entry["seed"])
                file.write(_line(entry))
    os.replace(rewritten, path)
    return done


def _entries(path: Path, header: dict[str, Any]) -> Iterator[Entry]:
    with path.open("rb") as file:
        _check_same(path, _read(file.readline()), header)
        for line in file:
            entry = _read(line)
            if isinstance(entry.get("seed"), int) and isinstance(entry.get("files"), list):
                yield entry


def _read(line: bytes) -> dict[str, Any]:
    """The object in a line; an empty one where there is half a line or none."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) and line.endswith(b"\n") else {}


def _check_same(path: Path, there: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise `InvalidField` unless both headers are the same; it names the first difference."""
    found = there.get("batch")
    if there.get("manifest") != wanted["manifest"] or not isinstance(found, dict):
        raise InvalidField("output", str(path), "a manifest of skyserver, or none")
    for name, asked in wanted["batch"].items():
        if found.get(name) != asked:
            began = f"{found.get(name)!r}, as the batch in {path.parent} began; or another folder"
            raise InvalidField(name, asked, began)


def _is_there(folder: Path, entry: Entry) -> bool:
    """Whether all files of a sky have the size that its line says."""
    try:
        return all(
            (folder / file["path"]).stat().st_size == file["bytes"] for file in entry["files"]
        )
    except (OSError, KeyError, TypeError):
        return False


def _sweep(folder: Path) -> None:
    """Remove what workers that died had begun to write: in shards, and in folders of faces."""
    for pattern in (_UNFINISHED, f"*/{_UNFINISHED}", f"*/*/{_UNFINISHED}"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _hold(file: int, folder: Path) -> None:
    """Lock an open file until this process ends or closes it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        raise InvalidField("output", str(folder), "a folder that no other batch is at") from None
