"""Skies as assets: files, import settings and materials, and what Unity would show with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import mono
import numpy as np
import pytest
import reference_renderer
from live import live_ports
from PIL import Image
from reference_renderer import Doubles, Material
from sky_assets import LAYOUTS, Editor, Report, compile_editor, material_of

from skyserver import SkyGenerator
from skyserver.clouds import CLOUD_TYPES
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

CLOUDS = [cloud.code for cloud in CLOUD_TYPES]
WIDTH = 1024  # of a panorama, as fine as faces of a quarter
SEED = 7
BELOW = "mirror"  # haze is too smooth to tell which way its face lies
ENOUGH = 35  # dB between two layouts
DIFFERENT = 25  # dB, as far apart as other places of one sky at most

# Not the defaults, and a rotation that brings nothing back to where it was.
TINT = {"r": 0.55, "g": 0.45, "b": 0.4, "a": 0.5}
EXPOSURE = 1.25
ROTATION = 40.0

VIEWS = {  # yaw, pitch
    "ahead": (0, 0),
    "right": (90, 0),
    "behind": (180, 8),
    "left": (263, 0),
    "tilted up": (33, 40),
    "tilted down": (251, -30),
    "zenith": (0, 90),
    "turned zenith": (130, 75),
    "nadir": (20, -90),
}
FOV, PIXELS = 80, 64

Pictures = Mapping[str, Doubles]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of the default model."""
    model = SkyModel.load(None, threads=1)
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        yield f"http://127.0.0.1:{ports.http}"


@pytest.fixture(scope="module")
def editor(
    package_assembly: mono.PackageAssemblies,
    tmp_path_factory: pytest.TempPathFactory,
    address: str,
) -> Iterator[Editor]:
    exe = compile_editor(tmp_path_factory.mktemp("editor"), package_assembly)
    with Editor(exe, tmp_path_factory.mktemp("project"), address) as editor:
        yield editor


@pytest.fixture(scope="module")
def create(editor: Editor):
    """Make a sky in a layout, once: what Unity was told of it."""
    made: dict[tuple[str, str], Report] = {}

    def create(cloud: str, layout: str) -> Report:
        if (cloud, layout) not in made:
            made[cloud, layout] = editor.ask(
                "create",
                Cloud=cloud,
                Seed=str(SEED),
                Below=BELOW,
                Layout=layout,
                Size=WIDTH if layout == "Panoramic" else WIDTH // 4,
                Tint=TINT,
                Exposure=EXPOSURE,
                Rotation=ROTATION,
            )
        return made[cloud, layout]

    return create


@pytest.fixture(scope="module")
def material(editor: Editor, create):
    """The material of a sky in a layout."""
    return lambda cloud, layout: material_of(create(cloud, layout), editor.project)


def views(material: Material) -> Pictures:
    cameras = [reference_renderer.camera(*view, FOV, PIXELS) for view in VIEWS.values()]
    return dict(zip(VIEWS, reference_renderer.shade(material, np.stack(cameras)), strict=True))


def worst(one: Pictures, other: Pictures) -> float:
    """PSNR of the pair of views that differs most."""
    return min(reference_renderer.psnr(one[name], other[name]) for name in VIEWS)


# ------------------------------------------------------------------------- what the player sees


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_three_layouts_show_the_same_sky(material, cloud: str) -> None:
    seen = {layout: views(material(cloud, layout)) for layout in LAYOUTS}
    for one, other in itertools.combinations(LAYOUTS, 2):
        assert worst(seen[one], seen[other]) >= ENOUGH, (one, other)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_shows_the_sky_where_the_library_has_it(material, layout: str) -> None:
    sky = SkyGenerator(threads=1).generate("Cu", SEED, below=BELOW).resized(WIDTH)
    plain = replace(material("Cu", layout), tint=np.full(3, 0.5))
    plain = replace(plain, floats={**plain.floats, "_Exposure": 1.0})
    # The material turns the sky to the left: what is seen here was drawn further right.
    drawn = {
        name: sky.view(yaw + ROTATION, pitch, FOV, PIXELS, PIXELS).astype(np.float64)
        for name, (yaw, pitch) in VIEWS.items()
    }
    assert worst(views(plain), drawn) >= ENOUGH


@pytest.mark.parametrize("degrees", [-90, 1, 90, 180])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wrong_rotation_would_be_seen(material, layout: str, degrees: float) -> None:
    right = material("Cu", layout)
    wrong = replace(right, floats={**right.floats, "_Rotation": ROTATION + degrees})
    assert worst(views(right), views(wrong)) < ENOUGH


@pytest.mark.parametrize(
    "pair", [*itertools.combinations(reference_renderer.SIX_SIDED.values(), 2)], ids="-".join
)
def test_two_swapped_faces_would_be_seen(material, pair: tuple[str, str]) -> None:
    right = material("Cu", "SixSided")
    one, other = pair
    swapped = {one: right.textures[other], other: right.textures[one]}
    wrong = replace(right, textures={**right.textures, **swapped})
    assert worst(views(right), views(wrong)) < ENOUGH


@pytest.mark.parametrize("face", [*reference_renderer.SIX_SIDED.values()])
def test_a_mirrored_face_would_be_seen(material, face: str, tmp_path: Path) -> None:
    right = material("Cu", "SixSided")
    texture = right.textures[face]
    mirrored = replace(texture, file=tmp_path / "mirrored.png")
    Image.open(texture.file).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored.file)
    wrong = replace(right, textures={**right.textures, face: mirrored})
    assert worst(views(right), views(wrong)) < ENOUGH


def test_a_panorama_imported_as_a_cubemap_is_a_quarter_turn_off(material) -> None:
    """UNITY.md, Orientation: why the package asks for a cross."""
    right = material("Cu", "Panoramic")
    picture = right.textures["_MainTex"]
    projected = replace(picture, textureShape="TextureCube", generateCubemap="Cylindrical")
    as_is = replace(right, shader="Skybox/Cubemap", textures={"_Tex": projected})
    turned = replace(as_is, floats={**as_is.floats, "_Rotation": ROTATION - 90})
    assert worst(views(right), views(as_is)) < DIFFERENT
    assert worst(views(right), views(turned)) >= ENOUGH


def test_a_converted_texture_is_the_sky_that_it_was(editor: Editor, create, material) -> None:
    (texture,) = create("Cu", "Panoramic")["textures"]
    report = editor.ask(
        "convert", texture["file"], Layout="Cubemap", Size=WIDTH // 4,
        Tint=TINT, Exposure=EXPOSURE, Rotation=ROTATION,
    )  # fmt: skip
    assert Path(report["path"]).name == f"Sky {Path(texture['file']).stem}.asset"
    converted = material_of(report, editor.project)
    assert worst(views(converted), views(material("Cu", "Panoramic"))) >= ENOUGH


@pytest.fixture(scope="module")
def sunny(editor: Editor) -> str:
    """Asset path of a panorama with a sun: a white disc in an even sky."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(WIDTH // 2))
    picture = np.full((WIDTH // 2, WIDTH, 3), (70, 110, 170), np.uint8)
    picture[np.hypot(x - 300, y - 130) < 8] = 255
    (editor.project / "Assets").mkdir(exist_ok=True)
    Image.fromarray(picture).save(editor.project / "Assets" / "Sunny.png")
    return "Assets/Sunny.png"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_light_comes_from_the_brightest_place_that_is_seen(
    editor: Editor, sunny: str, layout: str
) -> None:
    size = WIDTH if layout == "Panoramic" else WIDTH // 4
    report = editor.ask("convert", sunny, Layout=layout, Size=size, Rotation=ROTATION)
    scene = editor.ask("align", report["path"])
    assert scene["message"] == ""
    to_sun = -np.array([scene["forward"][axis] for axis in "xyz"])
    cameras = [reference_renderer.camera(yaw, 45, 100, 96) for yaw in range(0, 360, 60)]
    directions = np.concatenate([camera.reshape(-1, 3) for camera in cameras])
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    seen = reference_renderer.shade(material_of(report, editor.project), directions).sum(axis=-1)
    brightest = directions[seen > (seen.min() + seen.max()) / 2].mean(axis=0)
    assert to_sun @ brightest / np.linalg.norm(brightest) > np.cos(np.radians(1.5))


# ----------------------------------------------------------------------------- what Unity is told


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


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sky_can_be_made_again(editor: Editor, create, layout: str) -> None:
    first = create("Ci", layout)
    assert len(first["recipe"]["ModelDigest"]) == 64
    assert_same_files(editor, first["path"], again(editor, first["path"]))


def test_a_converted_sky_can_be_made_again(editor: Editor, create) -> None:
    (texture,) = create("Ci", "Panoramic")["textures"]
    first = editor.ask("convert", texture["file"], Layout="SixSided", Size=128)
    assert_same_files(editor, first["path"], again(editor, first["path"]))


def again(editor: Editor, path: str) -> str:
    """Path of the sky that is made from the recipe of the one at `path`."""
    message = editor.ask("again", path)["message"]
    assert message.startswith("Made "), message
    return message.removeprefix("Made ").removesuffix(".")


def assert_same_files(editor: Editor, one: str, other: str) -> None:
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


def test_a_sky_is_applied_and_lights_the_scene_in_one_step(editor: Editor, create) -> None:
    path = Path(create("Cu", "Panoramic")["path"])
    scene = editor.ask("apply", path)
    assert scene["message"] == ""
    assert scene["steps"] == ["Apply Skybox"]
    assert scene["lighting"] == [f"{path.stem} Material", "old"]  # then it is undone


def test_a_taken_name_gets_a_number_and_what_had_it_stays(editor: Editor) -> None:
    mine = editor.project / "Assets/Skies/Sky Ns 12/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own")
    report = editor.ask("create", Cloud="Ns", Seed="12", Size=512)
    assert report["path"] == "Assets/Skies/Sky Ns 12 1/Sky Ns 12 1.asset"
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


# ---------------------------------------------------------------------------------- all or nothing


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("event", "error"), [("fail", "IOException"), ("cancel", "OperationCanceledException")]
)
def test_whatever_happens_in_the_middle_nothing_is_left(
    editor: Editor, event: str, error: str, layout: str
) -> None:
    size = 512 if layout == "Panoramic" else 128
    before = editor.files()
    objects = None
    for number in itertools.count():
        report = editor.ask(event, number, Cloud="St", Layout=layout, Size=size)
        if not report["call"]:
            break  # the last call of Unity's came before
        assert report["error"] == error
        assert report["isEditing"] is False
        assert editor.files() == before, f"{event} in call {number}, {report['call']}"
        assert report["objects"] == (objects or report["objects"])
        objects = report["objects"]
    assert number > 10
    assert report["error"] == ""
    assert editor.files() > before
