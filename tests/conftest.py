"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import tiny

from skyserver.server.log import logger


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that needs no training: 64², eleven classes."""
    path = tmp_path_factory.mktemp("models") / "tiny.onnx"
    onnx.save(tiny.tiny_model(), path)
    return path


@pytest.fixture(autouse=True)
def _server_logger_as_it_was():
    """`serve` sends the log to the stderr of its process; a test's is closed when it ends."""
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before
