"""A small disk that is full on demand, without touching those of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAMESPACE = ["unshare", "--map-root-user", "--mount"]  # unshare(1)
PIECE = bytes(65_536)

_ENTERED = "SKYSERVER_FAULTS_NAMESPACE"


def enter_namespace() -> bool:
    """Start this script anew where it may mount, and nobody else sees it; whether that can be."""
    if _ENTERED in os.environ:
        del os.environ[_ENTERED]
        return True
    if shutil.which(NAMESPACE[0]) and subprocess.run([*NAMESPACE, "true"]).returncode == 0:
        again = [*NAMESPACE, sys.executable, *sys.argv]
        os.execvpe(NAMESPACE[0], again, {**os.environ, _ENTERED: "1"})
    return False


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Put a disk of memory at a folder until the block ends (tmpfs(5))."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs"]
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no room on a disk until the block ends."""
    filler = folder / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(PIECE):
                pass
        yield
    finally:
        filler.unlink()
