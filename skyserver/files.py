"""Where artifacts go: looked at before the work starts, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from skyserver.errors import InvalidField, OutputError
from skyserver.pipeline import Artifact
from skyserver.request import FORMATS, Output


def output_for(
    path: Path, layout: str, size: int | None, orientation: str, format: str | None
) -> Output:
    """Describe the output that belongs at a path.

    Six faces go into a folder `path`, in `format` (png without one); everything else is one file
    whose format is its suffix. Without a size: 2048, or faces of 512, which is the same detail.

    Raises:
        InvalidField: the suffix is not that of a format, or a value is not allowed, or `format` is
            given for a file.

    """
    if layout == "faces":
        return output_below(layout, size, orientation, format)
    if format is not None:
        raise InvalidField("format", format, "with faces alone; else the output's suffix decides")
    suffix = path.suffix.lower().removeprefix(".")
    format = "jpg" if suffix == "jpeg" else suffix
    if format not in FORMATS:
        raise InvalidField("output", path.name, "names that end in ." + ", .".join(FORMATS))
    return output_below(layout, size, orientation, format)


def output_below(layout: str, size: int | None, orientation: str, format: str | None) -> Output:
    """Describe an output in a folder, where its name does not say the format: png without one.

    Without a size: 2048, or faces of 512, which is the same detail.

    Raises:
        InvalidField: a value is not allowed.

    """
    if size is None:
        size = Output.size if layout == "panorama" else Output.size // 4
    output = Output(layout, size, format or Output.format, orientation)
    output.check()
    return output


def check_writable(path: Path, layout: str) -> None:
    """Find out whether an output can be written at `path`, and leave nothing behind.

    Raises:
        OutputError: the folder does not exist or cannot be written, or something is in the way.

    """
    in_the_way = path.is_file() if layout == "faces" else path.is_dir()
    if in_the_way:
        wanted = "folder" if layout == "faces" else "file"
        raise OutputError(f"{path}: cannot be written (not a {wanted})")
    folder = path if path.is_dir() else path.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None


def place(path: Path, layout: str, artifacts: Sequence[Artifact]) -> dict[Path, bytes]:
    """Say which bytes go where: faces under their own names in the folder `path`."""
    if layout == "faces":
        return {path / artifact.name: artifact.data for artifact in artifacts}
    (artifact,) = artifacts
    return {path: artifact.data}


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files or none; readers see an old file or the whole new one. Makes their folders.

    Raises:
        OutputError: a file cannot be written.

    """
    temporary = {path: path.with_name(f".{path.name}.{uuid4().hex}.tmp") for path in files}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary[path].write_bytes(data)
        for path in files:
            os.replace(temporary[path], path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        for leftover in temporary.values():
            with contextlib.suppress(OSError):  # most are gone, or never were
                leftover.unlink()
