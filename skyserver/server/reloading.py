"""What is made of files, and made anew when they change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from skyserver.errors import SkyServerError
from skyserver.server.log import logger

T = TypeVar("T")


class Reloading(Generic[T]):
    """Calling it returns what `make` makes of `files`, as they are now.

    A change that `make` refuses is a warning in the log, and what was made before stays in use: two
    files that belong together cannot be replaced in the same moment. May be called in any thread.
    """

    def __init__(self, files: Sequence[Path], make: Callable[[], T]) -> None:
        self._files = files
        self._make = make
        self._lock = threading.Lock()
        self._stamps = self._stamp()
        self._made = make()

    def __call__(self) -> T:
        """Return it."""
        with self._lock:
            stamps = self._stamp()
            if stamps != self._stamps:
                self._stamps = stamps
                self._remake()
            return self._made

    def _remake(self) -> None:
        names = ", ".join(map(str, self._files))
        try:
            self._made = self._make()
        except SkyServerError as error:
            logger.warning("%s; what was there before stays in use", error)
        else:
            logger.info("read anew: %s", names)

    def _stamp(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(file) for file in self._files]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
