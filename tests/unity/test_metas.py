"""The .meta files: without them Unity ignores files, with the wrong GUIDs references are lost."""

from __future__ import annotations

import json
import re
import runpy
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

PACKAGE = Path(__file__).parents[2] / "unity_package"
TOOLS = PACKAGE / "Tools~"
tool = SimpleNamespace(**runpy.run_path(str(TOOLS / "make_metas.py")))

BUILT_IN = re.compile("0000000000000000[ef]000000000000000")  # Unity's own resources
TEST_RUNNER = {"UnityEngine.TestRunner", "UnityEditor.TestRunner"}
IMPORTERS = {
    ".asmdef": "AssemblyDefinitionImporter",
    ".asset": "NativeFormatImporter",
    ".cs": "MonoImporter",
    ".jpg": "TextureImporter",
    ".mat": "NativeFormatImporter",
    ".md": "TextScriptImporter",
    ".shader": "ShaderImporter",
    ".unity": "DefaultImporter",
    ".uss": "ScriptedImporter",
}

ASSETS = [path.relative_to(PACKAGE) for path in tool.assets(PACKAGE)]
METAS = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.meta"))


def guid(asset: Path) -> str:
    return tool.guid_of(PACKAGE / f"{asset}.meta")


def test_every_file_and_folder_has_its_meta_and_no_meta_is_left_over() -> None:
    assert sorted(Path(f"{asset}.meta") for asset in ASSETS) == METAS
    for needed in ("package.json", "README.md", "Runtime", "Samples~/Weather Change"):
        assert Path(needed) in ASSETS
    for hidden in ("Samples~", "Documentation~", "Tools~", "Tools~/make_metas.py"):
        assert Path(hidden) not in ASSETS


def test_no_two_assets_share_a_guid() -> None:
    assert [guid for guid, times in Counter(map(guid, ASSETS)).items() if times > 1] == []


def test_no_guid_has_changed() -> None:
    listed = dict(reversed(line.split(" ", 1)) for line in tool.GUIDS.read_text().splitlines())
    assert {asset.as_posix(): guid(asset) for asset in ASSETS} == listed


@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_meta_names_the_importer_of_its_file(asset: Path) -> None:
    text = (PACKAGE / f"{asset}.meta").read_text()
    folder = (PACKAGE / asset).is_dir()
    assert re.match(r"fileFormatVersion: 2\nguid: [0-9a-f]{32}\n", text)
    assert ("folderAsset: yes\n" in text) == folder
    manifest = asset.name == "package.json"
    importer = "DefaultImporter" if folder else IMPORTERS.get(asset.suffix)
    assert f"\n{'PackageManifestImporter' if manifest else importer}:\n" in text


def test_references_inside_of_assets_resolve() -> None:
    known = set(map(guid, ASSETS))
    files = [PACKAGE / path for path in ASSETS if path.suffix in (".asset", ".mat", ".unity")]
    assert files
    for path in [*files, *(PACKAGE / meta for meta in METAS)]:
        for referred in re.findall(r"fileID: -?\d+, guid: (\w+)", path.read_text()):
            assert referred in known or BUILT_IN.fullmatch(referred), (path, referred)


def test_assembly_definitions_refer_to_assemblies_that_exist() -> None:
    files = [PACKAGE / path for path in ASSETS if path.suffix == ".asmdef"]
    assemblies = {json.loads(path.read_text())["name"]: path for path in files}
    assert len(assemblies) == len(files)
    for name, path in assemblies.items():
        definition = json.loads(path.read_text())
        assert path.stem == name
        foreign = set(definition["references"]) - set(assemblies)
        if definition["defineConstraints"] == ["UNITY_INCLUDE_TESTS"]:
            foreign -= TEST_RUNNER
        elif foreign:  # of an optional package: compiled only where that is installed
            optional = {version["define"] for version in definition["versionDefines"]}
            assert optional == set(definition["defineConstraints"])
            assert all(other.startswith("Unity.RenderPipelines.") for other in foreign)
            continue
        assert not foreign, path


def test_every_script_is_in_an_assembly_of_the_package() -> None:
    folders = {(PACKAGE / path).parent for path in ASSETS if path.suffix == ".asmdef"}
    scripts = [path for path in ASSETS if path.suffix == ".cs" and path.parts[0] != "Samples~"]
    for script in scripts:
        assert folders & set((PACKAGE / script).parents), script


# ------------------------------------------------------------------------- the tool that makes them


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package.json").write_text('{"name": "com.example.sky"}')
    (tmp_path / "Editor").mkdir()
    (tmp_path / "Editor" / "Old.cs").write_text("")
    return tmp_path


def made(package: Path) -> list[str]:
    return [meta.relative_to(package).as_posix() for meta in tool.make_metas(package)]


def test_tool_adds_what_is_missing_and_no_more(package: Path) -> None:
    assert made(package) == ["Editor.meta", "Editor/Old.cs.meta", "package.json.meta"]
    assert made(package) == []


def test_hidden_files_and_folders_get_no_meta_except_in_samples(package: Path) -> None:
    made(package)
    for folder in ("Tools~", "Documentation~", ".hidden", "Samples~/Rain"):
        (package / folder).mkdir(parents=True)
        (package / folder / "file.md").write_text("")
    (package / ".gitignore").write_text("")
    assert made(package) == ["Samples~/Rain.meta", "Samples~/Rain/file.md.meta"]


def test_a_file_that_takes_the_name_of_another_gets_a_guid_of_its_own(package: Path) -> None:
    made(package)
    old = package / "Editor" / "Old.cs"
    first = tool.guid_of(tool.meta_of(old))
    moved = old.with_name("New.cs")
    tool.meta_of(old).rename(tool.meta_of(moved))
    old.rename(moved)
    old.write_text("")
    assert made(package) == ["Editor/Old.cs.meta"]
    assert tool.guid_of(tool.meta_of(moved)) == first
    assert tool.guid_of(tool.meta_of(old)) != first


def test_tool_refuses_a_kind_of_file_it_has_no_importer_for(package: Path) -> None:
    (package / "sky.exr").write_bytes(b"")
    with pytest.raises(SystemExit, match=r"sky\.exr: write its \.meta by hand"):
        made(package)
