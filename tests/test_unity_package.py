"""`skyserver unity-package`: a tarball that Unity's Package Manager takes, the same every time."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from typer.testing import CliRunner

import skyserver
from skyserver import unity_package
from skyserver.cli import app
from skyserver.errors import OutputError

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "unity_package"
NAME = f"com.skyserver.skybox-{skyserver.__version__}.tgz"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unity_package.write_tarball(tmp_path_factory.mktemp("tarball"))


def contents(tarball: Path) -> dict[PurePosixPath, bytes]:
    """What is in a tarball, without the folder `package` that holds it all."""
    with tarfile.open(tarball) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}
    assert all(name.startswith("package/") for name in files)
    return {PurePosixPath(name).relative_to("package"): data for name, data in files.items()}


def test_tarball_is_named_and_versioned_as_skyserver_is(tarball: Path) -> None:
    manifest = json.loads(contents(tarball)[PurePosixPath("package.json")])
    assert tarball.name == NAME
    assert manifest["version"] == skyserver.__version__
    assert re.fullmatch(r"[a-z0-9.-]{1,214}", manifest["name"])
    assert manifest["unity"] == "2021.3"
    assert {"displayName", "description", "author", "license", "keywords"} <= set(manifest)
    assert all(module.startswith("com.unity.modules.") for module in manifest["dependencies"])


def test_tarball_has_what_a_user_needs_and_nothing_of_the_workshop(tarball: Path) -> None:
    packed = contents(tarball)
    for name in (
        *("README.md", "CHANGELOG.md", "LICENSE.md", "Runtime/SkyServer.Runtime.asmdef"),
        *("Editor/SkyServer.Editor.asmdef", "Tests/Editor/SkyServer.Editor.Tests.asmdef"),
        *("Runtime/Shaders/SkyboxCrossFade.shader", "Editor/Generated/SkyServerMessages.cs"),
    ):
        assert packed[PurePosixPath(name)] == (SOURCE / name).read_bytes()
    assert any(path.parts[0] == "Documentation~" and path.suffix == ".md" for path in packed)
    for path in packed:
        assert not any(part.startswith(".") for part in path.parts), path
        assert not {"Tools~", "__pycache__"} & set(path.parts), path
        assert path.suffix not in (".dll", ".so", ".dylib", ".exe"), path


def test_samples_of_the_manifest_are_there(tarball: Path) -> None:
    packed = contents(tarball)
    samples = json.loads(packed[PurePosixPath("package.json")])["samples"]
    assert samples
    for sample in samples:
        inside = [path for path in packed if path.is_relative_to(sample["path"])]
        assert any(path.suffix == ".unity" for path in inside)
        assert {"displayName", "description", "path"} == set(sample)


def test_every_meta_travels_with_its_file(tarball: Path) -> None:
    packed = set(contents(tarball))
    folders = {parent for path in packed for parent in path.parents}
    metas = {path for path in packed if path.suffix == ".meta"}
    in_checkout = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.meta")}
    assert {str(meta) for meta in metas} == in_checkout
    for meta in metas:
        assert meta.with_suffix("") in packed | folders, meta


def test_entries_are_plain_files_without_owner_or_time(tarball: Path) -> None:
    with tarfile.open(tarball) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == sorted(
        (member.name for member in members), key=lambda name: PurePosixPath(name).parts
    )
    for member in members:
        assert member.isfile()
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        assert (member.mode, member.mtime) == (0o644, 499162500)
        assert len(member.name) <= 100  # no extended headers


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("b.cs", "a.cs", "Tools~/tool.py", "Editor/__pycache__/x.pyc", ".git/HEAD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    before = unity_package.pack(tmp_path)
    os.utime(tmp_path / "a.cs", (0, 0))
    (tmp_path / "b.cs").chmod(0o755)
    (tmp_path / "Tools~" / "tool.py").write_text("changed")
    assert unity_package.pack(tmp_path) == before
    (tmp_path / "a.cs").write_text("changed")
    assert unity_package.pack(tmp_path) != before


def test_command_writes_into_a_folder_and_replaces_what_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("an old one")
    result = CliRunner().invoke(app, ["unity-package", "-o", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert tarfile.is_tarfile(path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("name", ["missing", "file"])
def test_command_says_in_one_line_what_went_wrong(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["unity-package", "-o", str(tmp_path / name)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {tmp_path / name}: is not a folder that exists\n"


def test_an_installation_without_the_package_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unity_package, "_INSTALLED", tmp_path / "gone")
    monkeypatch.setattr(unity_package, "_CHECKOUT", tmp_path / "gone")
    with pytest.raises(OutputError, match=r"package\.json: cannot be read"):
        unity_package.write_tarball(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_has_the_package_and_writes_the_same_tarball(
    tmp_path: Path, tarball: Path, wheel: Path
) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    location = installed / "skyserver" / "unity_package.py"
    spec = importlib.util.spec_from_file_location("installed_unity_package", location)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.write_tarball(tmp_path).read_bytes() == tarball.read_bytes()
