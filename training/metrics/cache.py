"""Arrays kept between runs, in a folder that stays small.

A name is the digest of all that an entry was made from, so that an entry is never out of date. The
files are .npz without pickles: reading one runs nothing. One that does not open counts as absent.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import platformdirs

MAX_BYTES: Final = 512 * 2**20

Arrays = dict[str, npt.NDArray[Any]]


def default_folder() -> Path:
    """Where this user's caches are kept, as the operating system has it."""
    return platformdirs.user_cache_path("skyserver") / "features"


def cached(folder: Path, made_from: Sequence[object], make: Callable[[], Arrays]) -> Arrays:
    """Arrays of the entry made from `made_from`; `make` is called when there is none yet.

    The entries used longest ago go when all of them exceed `MAX_BYTES`. Raises ValueError naming
    the folder when it cannot be written.
    """
    name = hashlib.sha256("\n".join(map(str, made_from)).encode()).hexdigest()
    path = folder / f"{name}.npz"
    kept = _read(path)
    if kept is not None:
        os.utime(path)
        return kept
    with _naming(folder):
        folder.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    arrays = make()
    with _naming(folder):
        _write(path, arrays)
        _trim(folder)
    return arrays


@contextmanager
def _naming(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ValueError(f"{folder}: cannot be written: {error.strerror}") from error


def _read(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entry:
            return dict(entry)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, arrays: Arrays) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _trim(folder: Path) -> None:
    entries = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for entry in entries:
        total += entry.stat().st_size
        if total > MAX_BYTES:
            entry.unlink()
