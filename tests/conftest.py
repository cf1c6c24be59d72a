"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import tiny


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that needs no training: 64², eleven classes."""
    path = tmp_path_factory.mktemp("models") / "tiny.onnx"
    onnx.save(tiny.tiny_model(), path)
    return path
