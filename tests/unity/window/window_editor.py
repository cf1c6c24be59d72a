"""The package's window, used by a user without hands in an editor without a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from editor_process import EditorProcess
from PIL import Image

OPEN = "Window/SkyServer/Skybox Generator"
LIBRARY = "Library/SkyServer"

Element = Mapping[str, Any]


class WindowEditor(EditorProcess):
    """`report` is what the window showed after the last thing that was done."""

    SOURCES = ("WindowHarness.cs", "WindowReport.cs")

    def __init__(self, exe: Path, project: Path) -> None:
        super().__init__(exe, project)
        self.report: Mapping[str, Any] = {}

    def do(self, *words: object) -> Mapping[str, Any]:
        """One thing that the user does; see the harness for what there is."""
        self.report = json.loads(self.ask(*words))
        return self.report

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


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height of a picture's file."""
    with Image.open(picture) as opened:
        return opened.size
