"""The whole editor package: it compiles with warnings as errors, and its own tests pass."""

from __future__ import annotations

from pathlib import Path

import mono
import test_crossfade

TESTS = mono.PACKAGE / "Tests" / "Editor"


def test_every_assembly_of_the_package_is_compiled(
    package_assembly: mono.PackageAssemblies,
) -> None:
    asmdefs = {path.stem for path in mono.PACKAGE.rglob("*.asmdef")}
    compiled = {assembly.stem for assembly in package_assembly[1:]}
    assert asmdefs == compiled | {"SkyServer.Editor.Tests"}


def test_the_runtime_part_needs_no_editor() -> None:
    """The stubs of Unity are one assembly, so the compiler would not notice."""
    sources = mono.sources_in(mono.PACKAGE / "Runtime")
    assert sources
    assert not [path for path in sources if "UnityEditor" in path.read_text()]


def test_the_samples_compile_in_a_project_that_has_the_package(
    package_assembly: mono.PackageAssemblies, tmp_path: Path
) -> None:
    samples = mono.sources_in(mono.PACKAGE / "Samples~")
    mono.compile_library(
        tmp_path / "Assembly-CSharp.dll",
        samples,
        [package_assembly.stubs, package_assembly.runtime],
    )


def test_its_nunit_tests_pass(package_assembly: mono.PackageAssemblies, tmp_path: Path) -> None:
    shader = tmp_path / "DeclareShader.cs"
    shader.write_text(test_crossfade.declaration(test_crossfade.SHADER))
    tests = mono.compile_library(
        tmp_path / "SkyServer.Editor.Tests.dll",
        [*mono.sources_in(TESTS), shader],
        [*package_assembly, mono.nunit_framework()],
    )
    results = mono.run_nunit(tests)
    assert not results.failed
    assert results.passed
