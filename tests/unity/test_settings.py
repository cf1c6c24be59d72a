"""The page of the project's settings, as a user fills it in."""

from __future__ import annotations

from pathlib import Path

import mono

TESTS = Path(__file__).parent / "harness" / "SettingsPageTests.cs"


def test_the_settings_page(package_assembly: mono.PackageAssemblies, tmp_path: Path) -> None:
    tests = mono.compile_library(
        tmp_path / "SkyServer.Editor.Tests.dll",  # a friend of the package
        [TESTS],
        [*package_assembly, mono.nunit_framework()],
    )
    results = mono.run_nunit(tests)
    assert not results.failed
    assert len(results.passed) == 9
