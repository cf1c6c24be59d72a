"""What Unity is told of a sky: names, import settings, material; and where it is made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from assets_editor import LAYOUTS, AssetsEditor
from made_skies import CLOUDS, EXPOSURE, ROTATION, TINT, WIDTH


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_import_settings(create, cloud: str, layout: str) -> None:
    cube = layout == "Cubemap"
    edge = WIDTH if layout == "Panoramic" else WIDTH // 4
    textures = create(cloud, layout)["textures"]
    assert len(textures) == (6 if layout == "SixSided" else 1)
    for texture in textures:
        assert (texture["width"], texture["height"]) == (edge, WIDTH // (2 if edge == WIDTH else 4))
        assert texture["maxTextureSize"] >= WIDTH
        assert texture["textureType"] == "Default"
        assert texture["textureShape"] == ("TextureCube" if cube else "Texture2D")
        assert texture["seamlessCubemap"] is cube
        assert texture["mipmapEnabled"] is cube
        assert texture["sRGBTexture"] is True
        assert texture["isReadable"] is False
        assert texture["npotScale"] == "None"
        assert texture["alphaSource"] == "None"
        assert texture["textureCompression"] == "CompressedHQ"
        assert texture["wrapModeU"] == ("Repeat" if layout == "Panoramic" else "Clamp")
        assert texture["wrapModeV"] == "Clamp"
    if cube:
        assert textures[0]["generateCubemap"] == "FullCubemap"
        assert textures[0]["cubemapConvolution"] == "None"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_material_values(material, cloud: str, layout: str) -> None:
    values = material(cloud, layout)
    assert values.tint == pytest.approx([TINT["r"], TINT["g"], TINT["b"]])
    assert values.floats["_Exposure"] == pytest.approx(EXPOSURE)
    assert values.floats["_Rotation"] == pytest.approx(ROTATION)
    if layout == "Panoramic":
        assert values.floats["_Mapping"] == 1


def test_a_sky_is_applied_and_lights_the_scene_in_one_step(editor: AssetsEditor, create) -> None:
    path = Path(create("Cu", "Panoramic")["path"])
    scene = editor.make("apply", path)
    assert scene["message"] == ""
    assert scene["steps"] == ["Apply Skybox"]
    assert scene["lighting"] == [f"{path.stem} Material", "old"]  # then it is undone


def test_a_taken_name_gets_a_number_and_what_had_it_stays(editor: AssetsEditor) -> None:
    mine = editor.project / "Assets/Skies/Sky Ns 12/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own")
    report = editor.make("create", Cloud="Ns", Seed="12", Size=512)
    assert report["path"] == "Assets/Skies/Sky Ns 12 1/Sky Ns 12 1.asset"
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sky_can_be_made_again(editor: AssetsEditor, create, layout: str) -> None:
    first = create("Ci", layout)
    assert len(first["recipe"]["ModelDigest"]) == 64
    assert_same_files(editor, first["path"], again(editor, first["path"]))


def test_a_converted_sky_can_be_made_again(editor: AssetsEditor, create) -> None:
    (texture,) = create("Ci", "Panoramic")["textures"]
    first = editor.make("convert", texture["file"], Layout="SixSided", Size=128)
    assert_same_files(editor, first["path"], again(editor, first["path"]))


def again(editor: AssetsEditor, path: str) -> str:
    """Path of the sky that is made from the recipe of the one at `path`."""
    message = editor.make("again", path)["message"]
    assert message.startswith("Made "), message
    return message.removeprefix("Made ").removesuffix(".")


def assert_same_files(editor: AssetsEditor, one: str, other: str) -> None:
    """Two skies, not the same, have the same textures."""
    assert one != other
    first, second = (
        {
            picture.stem.removeprefix(Path(path).stem): picture.read_bytes()
            for picture in (editor.project / path).parent.glob("*.png")
        }
        for path in (one, other)
    )
    assert first
    assert first == second
