"""Fixtures for all tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import onnx
import pytest
import tiny
from live import HeldDrawing

from skyserver import pipeline
from skyserver.server.log import logger

hypothesis.settings.register_profile("busy", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("busy")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's jobs ignore it: so would ours


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that needs no training: 64², eleven classes."""
    path = tmp_path_factory.mktemp("models") / "tiny.onnx"
    onnx.save(tiny.tiny_model(), path)
    return path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=Path(__file__).parents[1], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldDrawing]:
    """The server draws with this, which waits for its gate; the gate is opened at the end."""
    drawing = HeldDrawing()
    monkeypatch.setattr(pipeline, "generate", drawing)
    yield drawing
    drawing.gate.set()


@pytest.fixture(autouse=True)
def _server_logger_as_it_was():
    """`serve` sends the log to the stderr of its process; a test's is closed when it ends."""
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before
