"""Fixtures for the tests of the editor package."""

from __future__ import annotations

import mono
import pytest


@pytest.fixture(scope="session")
def package_assembly(tmp_path_factory: pytest.TempPathFactory) -> mono.PackageAssemblies:
    """The whole package, compiled: pass it on as `references`."""
    return mono.compile_package(tmp_path_factory.mktemp("package"))
