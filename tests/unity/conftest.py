"""Fixtures for the tests of the editor package."""

from __future__ import annotations

from pathlib import Path

import mono
import pytest
from client_editor import ClientEditor

from skyserver.model import SkyModel


@pytest.fixture(scope="session")
def package_assembly(tmp_path_factory: pytest.TempPathFactory) -> mono.PackageAssemblies:
    """The whole package, compiled: pass it on as `references`."""
    return mono.compile_package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def model(tiny_model: Path) -> SkyModel:
    """What the servers of these tests draw with, but for those of pictures."""
    return SkyModel.load(tiny_model, threads=1)


@pytest.fixture(scope="session")
def client_exe(
    package_assembly: mono.PackageAssemblies, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The program of an editor that only calls."""
    return ClientEditor.compile(tmp_path_factory.mktemp("client"), package_assembly)
