"""A live site for browser tests: `skyserver serve` in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SERVE = [sys.executable, "-m", "skyserver", "serve", "--port", "0", "--http-port", "0"]


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run `skyserver serve` with more arguments inside the block and yield the page's address."""
    with subprocess.Popen(
        [*_SERVE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            said = process.stdout.readline()
            yield re.search(r"http://127\.0\.0\.1:\d+", said)[0] + "/"
        finally:
            process.kill()
