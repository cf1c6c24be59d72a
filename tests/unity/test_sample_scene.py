"""The sample scene, which no editor has written: its references, its fields, its script."""

from __future__ import annotations

import re
from pathlib import Path

import mono

SAMPLE = mono.PACKAGE / "Samples~" / "Weather Change"
SCENE = (SAMPLE / "Weather Change.unity").read_text()
SCRIPTS = {
    re.search(r"guid: (\w+)", meta.read_text())[1]: meta.with_suffix("")
    for meta in mono.PACKAGE.rglob("*.cs.meta")
}
# Of each object: its class, its anchor, its text.
OBJECTS = re.findall(r"^--- !u!(\d+) &(\d+)\n(.*?)(?=^---|\Z)", SCENE, re.MULTILINE | re.DOTALL)
GAME_OBJECT, SCRIPT = "1", "114"


def test_references_within_the_scene_resolve() -> None:
    anchors = [anchor for _, anchor, _ in OBJECTS]
    assert len(set(anchors)) == len(anchors) == 12
    assert set(re.findall(r"\{fileID: (\d+)\}", SCENE)) <= {*anchors, "0"}


def test_components_and_game_objects_agree() -> None:
    listed = {
        (component, anchor)
        for kind, anchor, text in OBJECTS
        if kind == GAME_OBJECT
        for component in re.findall(r"component: \{fileID: (\d+)\}", text)
    }
    owned = {
        (anchor, owner)
        for _, anchor, text in OBJECTS
        for owner in re.findall(r"m_GameObject: \{fileID: (\d+)\}", text)
    }
    assert listed == owned


def test_scripts_have_the_fields_that_the_scene_sets() -> None:
    texts = [text for kind, _, text in OBJECTS if kind == SCRIPT]
    assert len(texts) == 2
    for text in texts:
        script = SCRIPTS[re.search(r"m_Script: .*guid: (\w+)", text)[1]].read_text()
        fields = re.findall(r"^ *(?:- )?([a-zA-Z]\w*):", text, re.MULTILINE)
        for field in fields:
            if field.startswith("m_") or field == "MonoBehaviour":
                continue
            assert re.search(rf"(private|public) [\w\[\]]+ {field}( =|;)", script), field


def test_skies_are_panoramas_for_the_panoramic_shader() -> None:
    for sky in ("Fair", "Overcast", "Rain"):
        material = (SAMPLE / f"{sky}.mat").read_text()
        texture = re.search(r"guid: (\w+)", (SAMPLE / f"{sky}.jpg.meta").read_text())[1]
        assert f"m_Name: {sky}\n" in material
        assert f"_MainTex:\n        m_Texture: {{fileID: 2800000, guid: {texture}," in material
        assert "_Mapping: 1\n" in material
        assert "enableMipMap: 0\n" in (SAMPLE / f"{sky}.jpg.meta").read_text()


def test_script_compiles_with_what_a_project_sees_of_the_package(tmp_path: Path) -> None:
    stubs = mono.compile_library(tmp_path / "UnityStubs.dll", mono.sources_in(mono.STUBS))
    runtime = mono.compile_library(
        tmp_path / "SkyServer.Runtime.dll", mono.sources_in(mono.PACKAGE / "Runtime"), [stubs]
    )
    project = tmp_path / "Assembly-CSharp.dll"
    assert mono.compile_library(project, mono.sources_in(SAMPLE), [stubs, runtime]).exists()
