"""The package in a project that renders with HDRP."""

from __future__ import annotations

from pathlib import Path

import mono

TESTS = Path(__file__).parent / "harness" / "HighDefinitionTests.cs"
SKIES = mono.PACKAGE / "Tests" / "Editor" / "TestSky.cs"


def test_the_sky_is_shown_by_a_volume(
    package_assembly: mono.PackageAssemblies, tmp_path: Path
) -> None:
    tests = mono.compile_library(
        tmp_path / "SkyServer.Editor.Tests.dll",  # a friend of the package
        [TESTS, SKIES],
        [*package_assembly, mono.nunit_framework()],
    )
    results = mono.run_nunit(tests)
    assert not results.failed
    assert len(results.passed) == 7
