"""The package's window, used by a user without hands in an editor without a screen."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import mono

HARNESS = Path(__file__).parent / "harness" / "WindowHarness.cs"
OPEN = "Window/SkyServer/Skybox Generator"

PATIENCE = 100  # seconds, more than the harness has for anything

Element = Mapping[str, Any]


class WindowEditor:
    """A process that stands for the Unity editor; `project` is a folder of its own.

    `report` is what the window showed after the last thing that was done.
    """

    def __init__(self, exe: Path, project: Path) -> None:
        self.project = project
        self.report: Mapping[str, Any] = {}
        self._process = subprocess.Popen(
            mono.command(exe),
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> WindowEditor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._watched():
            _, complaint = self._process.communicate()
        assert error or self._process.returncode == 0, complaint

    def do(self, *words: object) -> Mapping[str, Any]:
        """One thing that the user does; see the harness for what there is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._watched():
            print(*words, sep="\t", file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        assert answer.startswith("{"), answer + "".join(self._process.communicate())
        self.report = json.loads(answer)
        return self.report

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """An editor that hangs in this block tells where, which is mono's answer to SIGQUIT."""

        def end() -> None:
            self._process.send_signal(signal.SIGQUIT)
            time.sleep(2)
            self._process.kill()

        watch = threading.Timer(PATIENCE, end)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def open(self, address: str, state: str = "Ready") -> None:
        """Open the window on a server and wait until it stands so."""
        self.do("setting", "address", address)
        self.do("menu", OPEN)
        self.until(state)

    def until(self, state: str) -> Mapping[str, Any]:
        """Wait for a state of the session."""
        report = self.do("until", state)
        assert report["state"] == state, (report["state"], report["message"], report["status"])
        return report

    def generate(self) -> Mapping[str, Any]:
        """Press Generate and wait until the sky is there."""
        self.do("click", "generate")
        return self.until("Ready")

    def element(self, name: str) -> Element:
        """The first element of a name."""
        return next(element for element in self.report["elements"] if element["name"] == name)

    def recipe(self) -> Mapping[str, Any]:
        """What the next sky would be made from."""
        return self.report["draft"]["Recipe"]

    def assets(self) -> set[str]:
        """Everything below Assets, without meta files."""
        found = (self.project / "Assets").rglob("*")
        return {str(path.relative_to(self.project)) for path in found if path.suffix != ".meta"}


def compile_window_editor(folder: Path, package: mono.PackageAssemblies) -> Path:
    """The program that `WindowEditor` runs."""
    return mono.compile_exe(folder / HARNESS.with_suffix(".exe").name, [HARNESS], package)
