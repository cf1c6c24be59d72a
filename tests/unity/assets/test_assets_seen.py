"""What Unity would show with the skies that were made as assets."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reference_renderer
from assets_editor import LAYOUTS, AssetsEditor, material_of
from made_skies import BELOW, CLOUDS, EXPOSURE, ROTATION, SEED, TINT, WIDTH
from PIL import Image
from reference_renderer import Doubles, Material

from skyserver import SkyGenerator

ENOUGH = 35  # dB between two layouts
DIFFERENT = 25  # dB, as far apart as other places of one sky at most

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


def views(material: Material) -> Pictures:
    cameras = [reference_renderer.camera(*view, FOV, PIXELS) for view in VIEWS.values()]
    return dict(zip(VIEWS, reference_renderer.shade(material, np.stack(cameras)), strict=True))


@pytest.fixture(scope="module")
def seen(material) -> Callable[[str, str], Pictures]:
    """The views of a sky in a layout."""
    return functools.cache(lambda cloud, layout: views(material(cloud, layout)))


def worst(one: Pictures, other: Pictures) -> float:
    """PSNR of the pair of views that differs most."""
    return min(reference_renderer.psnr(one[name], other[name]) for name in VIEWS)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_three_layouts_show_the_same_sky(seen, cloud: str) -> None:
    for one, other in itertools.combinations(LAYOUTS, 2):
        assert worst(seen(cloud, one), seen(cloud, other)) >= ENOUGH, (one, other)


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
def test_a_wrong_rotation_would_be_seen(material, seen, layout: str, degrees: float) -> None:
    right = material("Cu", layout)
    wrong = replace(right, floats={**right.floats, "_Rotation": ROTATION + degrees})
    assert worst(seen("Cu", layout), views(wrong)) < ENOUGH


@pytest.mark.parametrize(
    "pair", [*itertools.combinations(reference_renderer.SIX_SIDED.values(), 2)], ids="-".join
)
def test_two_swapped_faces_would_be_seen(material, seen, pair: tuple[str, str]) -> None:
    right = material("Cu", "SixSided")
    one, other = pair
    swapped = {one: right.textures[other], other: right.textures[one]}
    wrong = replace(right, textures={**right.textures, **swapped})
    assert worst(seen("Cu", "SixSided"), views(wrong)) < ENOUGH


@pytest.mark.parametrize("face", [*reference_renderer.SIX_SIDED.values()])
def test_a_mirrored_face_would_be_seen(material, seen, face: str, tmp_path: Path) -> None:
    right = material("Cu", "SixSided")
    texture = right.textures[face]
    mirrored = replace(texture, file=tmp_path / "mirrored.png")
    Image.open(texture.file).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored.file)
    wrong = replace(right, textures={**right.textures, face: mirrored})
    assert worst(seen("Cu", "SixSided"), views(wrong)) < ENOUGH


def test_a_panorama_imported_as_a_cubemap_is_a_quarter_turn_off(material, seen) -> None:
    """Why the package asks for a cross."""
    right = material("Cu", "Panoramic")
    picture = right.textures["_MainTex"]
    projected = replace(picture, textureShape="TextureCube", generateCubemap="Cylindrical")
    as_is = replace(right, shader="Skybox/Cubemap", textures={"_Tex": projected})
    turned = replace(as_is, floats={**as_is.floats, "_Rotation": ROTATION - 90})
    assert worst(seen("Cu", "Panoramic"), views(as_is)) < DIFFERENT
    assert worst(seen("Cu", "Panoramic"), views(turned)) >= ENOUGH


def test_a_converted_texture_is_the_sky_that_it_was(editor: AssetsEditor, create, seen) -> None:
    (texture,) = create("Cu", "Panoramic")["textures"]
    report = editor.make(
        "convert", texture["file"], Layout="Cubemap", Size=WIDTH // 4,
        Tint=TINT, Exposure=EXPOSURE, Rotation=ROTATION,
    )  # fmt: skip
    assert Path(report["path"]).name == f"Sky {Path(texture['file']).stem}.asset"
    converted = material_of(report, editor.project)
    assert worst(views(converted), seen("Cu", "Panoramic")) >= ENOUGH


@pytest.fixture(scope="module")
def sunny(editor: AssetsEditor) -> str:
    """Asset path of a panorama with a sun: a white disc in an even sky."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(WIDTH // 2))
    picture = np.full((WIDTH // 2, WIDTH, 3), (70, 110, 170), np.uint8)
    picture[np.hypot(x - 300, y - 130) < 8] = 255
    (editor.project / "Assets").mkdir(exist_ok=True)
    Image.fromarray(picture).save(editor.project / "Assets" / "Sunny.png")
    return "Assets/Sunny.png"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_light_comes_from_the_brightest_place_that_is_seen(
    editor: AssetsEditor, sunny: str, layout: str
) -> None:
    size = WIDTH if layout == "Panoramic" else WIDTH // 4
    report = editor.make("convert", sunny, Layout=layout, Size=size, Rotation=ROTATION)
    scene = editor.make("align", report["path"])
    assert scene["message"] == ""
    to_sun = -np.array([scene["forward"][axis] for axis in "xyz"])
    cameras = [reference_renderer.camera(yaw, 45, 100, 96) for yaw in range(0, 360, 60)]
    directions = np.concatenate([camera.reshape(-1, 3) for camera in cameras])
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    seen = reference_renderer.shade(material_of(report, editor.project), directions).sum(axis=-1)
    brightest = directions[seen > (seen.min() + seen.max()) / 2].mean(axis=0)
    assert to_sun @ brightest / np.linalg.norm(brightest) > np.cos(np.radians(1.5))
