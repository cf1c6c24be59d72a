"""The Unity package as a tarball: what `npm pack` makes, and what Unity's Package Manager installs.

An installed skyserver has the package's files beside its modules, a checkout has them in
unity_package/.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from skyserver.errors import OutputError
from skyserver.files import write_files

_INSTALLED: Final = Path(__file__).with_name("unity_files")  # pyproject.toml puts them there
_CHECKOUT: Final = Path(__file__).parents[1] / "unity_package"
_MTIME: Final = 499162500  # 26 October 1985, what npm gives every file: the same bytes every time
_LEFT_OUT: Final = ("Tools~", "__pycache__")  # for who works on the package, not with it


def write_tarball(folder: Path) -> Path:
    """Write `<name>-<version>.tgz` into a folder and return its path.

    A tarball of that name is replaced.

    Raises:
        OutputError: there is no such folder, the file cannot be written, or this installation lacks
            the package.

    """
    if not folder.is_dir():
        raise OutputError(f"{folder}: is not a folder that exists")
    source = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    try:
        manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"{error.filename}: cannot be read, install skyserver anew") from None
    path = folder / f"{manifest['name']}-{manifest['version']}.tgz"
    write_files({path: pack(source)})
    return path


def pack(source: Path) -> bytes:
    """Return the tarball of a package's folder: the same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file in _files(source):
            data = file.read_bytes()
            entry = tarfile.TarInfo(f"package/{file.relative_to(source).as_posix()}")
            entry.size, entry.mode, entry.mtime = len(data), 0o644, _MTIME
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


def _files(source: Path) -> Iterator[Path]:
    for file in sorted(source.rglob("*")):
        parts = file.relative_to(source).parts
        hidden = any(part.startswith(".") for part in parts)
        if file.is_file() and not hidden and not set(parts) & set(_LEFT_OUT):
            yield file
