"""The window in an editor, and a server for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mono
import numpy as np
import pytest
from gated_drawing import GatedDrawing
from live import live_ports
from PIL import Image
from window_editor import LIBRARY, WindowEditor

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig


@pytest.fixture(scope="session")
def address(model: SkyModel) -> Iterator[str]:
    """The server's."""
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        yield f"http://127.0.0.1:{ports.http}"


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[GatedDrawing]:
    """Every sky waits for the gate, which is opened at the end."""
    drawing = GatedDrawing()
    monkeypatch.setattr(pipeline, "generate", drawing)
    yield drawing
    drawing.gate.set()


@pytest.fixture(scope="session")
def exe(package_assembly: mono.PackageAssemblies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of the editor."""
    return WindowEditor.compile(tmp_path_factory.mktemp("window"), package_assembly)


def with_small_sizes(editor: WindowEditor) -> WindowEditor:
    editor.do("setting", "width", 512)
    editor.do("setting", "face", 128)
    return editor


@pytest.fixture
def editor(exe: Path, tmp_path: Path) -> Iterator[WindowEditor]:
    """An editor with an empty project and small default sizes."""
    with WindowEditor(exe, tmp_path) as editor:
        yield with_small_sizes(editor)


@pytest.fixture
def window(editor: WindowEditor, address: str) -> WindowEditor:
    """The window, connected to the server."""
    editor.open(address)
    return editor


@pytest.fixture(scope="session")
def used_editor(exe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowEditor]:
    with WindowEditor(exe, tmp_path_factory.mktemp("project")) as editor:
        yield with_small_sizes(editor)


@pytest.fixture
def shared_editor(used_editor: WindowEditor, tmp_path: Path) -> Iterator[WindowEditor]:
    """An editor for tests that do not mind which assets others have made; it starts but once.

    The window is not open, and remembers nothing.
    """
    yield used_editor
    used_editor.do("close")
    (used_editor.project / LIBRARY).rename(tmp_path / "Library")


@pytest.fixture
def shared_window(shared_editor: WindowEditor, address: str) -> WindowEditor:
    """The window of that editor, connected to the server."""
    shared_editor.open(address)
    return shared_editor


@pytest.fixture(scope="session")
def panorama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smooth, and different in every direction."""
    height, width = 512, 1024
    v, u = np.meshgrid(np.linspace(0, 1, height), np.arange(width) / width, indexing="ij")
    waves = [
        np.sin(2 * np.pi * (turns * u + phase)) * np.sin(np.pi * v)
        for turns, phase in ((1, 0), (2, 0.3), (3, 0.7))
    ]
    pixels = np.stack([0.5 + 0.3 * wave + 0.2 * (v - 0.5) for wave in waves], axis=-1)
    path = tmp_path_factory.mktemp("panorama") / "panorama.png"
    Image.fromarray((pixels * 255).round().astype(np.uint8)).save(path)
    return path
