"""Compile and run C# with mono, Debian's: the editor package is tested without Unity."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "unity_package"
STUBS = Path(__file__).parent / "stubs"
CACHE = ROOT / "build" / "unity"

ASSEMBLIES = (  # of the package, each after those that it refers to
    PACKAGE / "Runtime" / "SkyServer.Runtime.asmdef",
    PACKAGE / "Editor" / "SkyServer.Editor.asmdef",
    PACKAGE / "Editor" / "HighDefinition" / "SkyServer.HighDefinition.Editor.asmdef",
)

TOOLS = ("mcs", "mono", "nunit-console")
INSTALL = (
    "mono is missing; run as root: apt-get install -y --no-install-recommends mono-mcs"
    " mono-runtime libmono-system-net-http4.0-cil libnunit-framework2.6.3-cil nunit-console"
)
COMPILE = (
    *("mcs", "-nologo", "-langversion:7", "-codepage:utf8", "-fullpaths", "-debug"),
    *("-warn:4", "-warnaserror", "-r:System.Net.Http.dll"),
)
REASONS = ("message", "stack-trace")  # elements of NUnit's report


class CompileError(Exception):
    """What the compiler said, one line for each error or warning."""


def require() -> None:
    """Skip the test where mono is not to be had, fail it where a command would install it."""
    if not all(map(shutil.which, TOOLS)):
        (pytest.fail if shutil.which("apt-get") else pytest.skip)(INSTALL)


def sources_in(*folders: Path) -> list[Path]:
    """Every C# file below these folders, but for those of another assembly further in."""
    return sorted(path for folder in folders for path in _sources(folder))


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not any(path.glob("*.asmdef")):
            yield from _sources(path)
        elif path.suffix == ".cs":
            yield path


def nunit_framework() -> Path:
    """The NUnit assembly that tests refer to."""
    require()
    return next(Path("/usr/lib").glob("cli/nunit.framework-2.6*/nunit.framework.dll"))


# ------------------------------------------------------------------------------------ compiling


def compile_library(
    out: Path, sources: Sequence[Path], references: Iterable[Path] = (), defines: Iterable[str] = ()
) -> Path:
    """Compile a .dll, its references copied beside it, and return `out`."""
    return _compile("library", out, sources, list(references), list(defines))


def compile_exe(
    out: Path, sources: Sequence[Path], references: Iterable[Path] = (), defines: Iterable[str] = ()
) -> Path:
    """Compile an .exe, its references copied beside it, and return `out`."""
    return _compile("exe", out, sources, list(references), list(defines))


def _compile(
    target: str, out: Path, sources: Sequence[Path], references: list[Path], defines: list[str]
) -> Path:
    require()
    options = [f"-target:{target}", *(f"-define:{name}" for name in defines)]
    key = _digest([*COMPILE, *options, out.name], [*sources, *references])
    cached = CACHE / key
    if not cached.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            built = Path(folder) / "built"
            built.mkdir()
            options += [f"-out:{built / out.name}", *(f"-r:{path}" for path in references)]
            compiler = _captured([*COMPILE, *options, *map(str, sources)])
            if compiler.returncode:
                raise CompileError(_output(compiler))
            if not cached.exists():  # another process may have been faster
                built.rename(cached)
    out.parent.mkdir(parents=True, exist_ok=True)
    for path in [*cached.iterdir(), *references]:
        if path.parent != out.parent:
            shutil.copy2(path, out.parent)
    return out


def _digest(options: Iterable[str], files: Iterable[Path]) -> str:
    digest = hashlib.sha256("\0".join(options).encode())
    for path in files:
        digest.update(f"\0{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


class PackageAssemblies(NamedTuple):
    """The package as its asmdefs cut it; all together are `references` of what uses it."""

    stubs: Path
    runtime: Path
    editor: Path
    high_definition: Path


def compile_package(folder: Path) -> PackageAssemblies:
    """Compile the stubs of Unity, then each assembly against them and those it refers to."""
    stubs = compile_library(folder / "UnityStubs.dll", sources_in(STUBS))
    built = [stubs]
    for asmdef in ASSEMBLIES:
        named = json.loads(asmdef.read_text())["references"]
        references = [stubs, *(assembly for assembly in built if assembly.stem in named)]
        out = folder / asmdef.with_suffix(".dll").name
        built.append(compile_library(out, sources_in(asmdef.parent), references))
    return PackageAssemblies(*built)


# -------------------------------------------------------------------------------------- running


def command(exe: Path, *arguments: object) -> list[str]:
    """The command line that runs a compiled program, for a test that talks to it."""
    return ["mono", "--debug", str(exe), *map(str, arguments)]


def run(exe: Path, *arguments: object, timeout: float = 60) -> str:
    """Run a compiled program to its end and return what it printed; fail when it fails."""
    done = _captured(command(exe, *arguments), timeout)
    assert done.returncode == 0, f"{exe.name} ended with {done.returncode}\n{_output(done)}"
    return done.stdout


def _captured(
    arguments: Sequence[str], timeout: float | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        cwd=folder,
        timeout=timeout,
    )


def _output(done: subprocess.CompletedProcess[str]) -> str:
    return f"{done.stdout}\n{done.stderr}".strip()


@dataclass(frozen=True)
class NUnitResults:
    """The tests of an assembly by full name: those that passed, and the others with the reason."""

    passed: list[str]
    failed: dict[str, str]


def run_nunit(assembly: Path, timeout: float = 300) -> NUnitResults:
    """Run all NUnit tests of an assembly; one that is ignored counts as failed."""
    report = assembly.with_suffix(".results.xml")
    report.unlink(missing_ok=True)
    options = ["-nologo", "-nodots", "-process:Single", "-domain:None", f"-xml:{report}"]
    arguments = ["nunit-console", *options, str(assembly)]
    done = _captured(arguments, timeout, assembly.parent)
    assert report.exists(), f"nunit-console ended with {done.returncode}\n{_output(done)}"
    cases = list(ElementTree.parse(report).iter("test-case"))
    passed = [case.attrib["name"] for case in cases if case.attrib["result"] == "Success"]
    rest = [case for case in cases if case.attrib["result"] != "Success"]
    return NUnitResults(passed, {case.attrib["name"]: _reason(case) for case in rest})


def _reason(case: ElementTree.Element) -> str:
    told = [element.text or "" for element in case.iter() if element.tag in REASONS]
    return "\n".join([case.attrib["result"], *told])
