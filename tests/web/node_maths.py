"""The page's maths, skyserver/web/src/sky, called from Python: it runs in Node."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "skyserver" / "web"


class Maths:
    """One Node process. Pictures (h, w, 3) float32 go both ways as arrays, integers as BigInt."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._folder = process, folder
        self._numbers = itertools.count()
        self.seconds = 0.0
        """How long the last call took, in seconds, without the transfers."""

    def __call__(self, module: str, function: str, *arguments: Any) -> Any:
        """Call an exported function of one of the modules that maths.mjs lists."""
        call = {"module": module, "function": function, "arguments": self._sent(arguments)}
        print(json.dumps(call), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        self.seconds = answer["seconds"]
        return self._received(answer["result"])

    def _sent(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._sent(item) for item in value]
        if not isinstance(value, np.ndarray):
            return value
        height, width, _ = value.shape
        file = self._folder / f"{next(self._numbers)}.given"
        file.write_bytes(value.astype(np.float32).tobytes())
        return {"file": str(file), "width": width, "height": height}

    def _received(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._received(item) for item in value]
        numbers = np.fromfile(value["file"], np.float32)
        if "width" not in value:
            return numbers
        return numbers.reshape(value["height"], value["width"], 3)


@contextmanager
def running(folder: Path) -> Iterator[Maths]:
    """Build the modules into `folder` and keep a Node process for calls to them."""
    command = ["node", str(HERE / "maths.mjs"), str(WEB), str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Maths(process, folder)  # the process ends with its input, which `with` closes
