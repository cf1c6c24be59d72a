"""What Unity's skybox shaders show: importing, sampling and shading, from their facts alone.

Axes are Unity's: x right, y up, z forward, left-handed. Textures are sampled as graphics cards do,
bilinearly in linear light, and the picture is what a project in linear colour space shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Doubles = NDArray[np.float64]

COLOUR_SPACE_DOUBLE = 4.59479380  # unity_ColorSpaceDouble in linear colour space

# Each face as seen from inside: its vectors to the right, downwards and to its middle.
FACES: Mapping[str, Doubles] = {
    name: np.array(vectors, np.float64)
    for name, vectors in {
        "+X": ((0, 0, -1), (0, -1, 0), (1, 0, 0)),
        "-X": ((0, 0, 1), (0, -1, 0), (-1, 0, 0)),
        "+Y": ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
        "-Y": ((1, 0, 0), (0, 0, -1), (0, -1, 0)),
        "+Z": ((1, 0, 0), (0, -1, 0), (0, 0, 1)),
        "-Z": ((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
    }.items()
}
SIX_SIDED = {
    "+X": "_LeftTex",
    "-X": "_RightTex",
    "+Y": "_UpTex",
    "-Y": "_DownTex",
    "+Z": "_FrontTex",
    "-Z": "_BackTex",
}
HORIZONTAL_CROSS = {  # column and row of each face
    "-X": (0, 1),
    "+Z": (1, 1),
    "+X": (2, 1),
    "-Z": (3, 1),
    "+Y": (1, 0),
    "-Y": (1, 2),
}


@dataclass(frozen=True)
class Texture:
    """A file and how it is imported; the strings are Unity's names."""

    file: Path
    textureShape: str  # noqa: N815
    generateCubemap: str  # noqa: N815
    sRGBTexture: bool  # noqa: N815
    wrapModeU: str  # noqa: N815
    wrapModeV: str  # noqa: N815


@dataclass(frozen=True)
class Material:
    """A skybox material; colours are sRGB."""

    shader: str
    floats: Mapping[str, float]
    tint: Doubles
    textures: Mapping[str, Texture]
    keywords: frozenset[str] = frozenset()


# ------------------------------------------------------------------------------------- rendering


def shade(material: Material, directions: Doubles) -> Doubles:
    """Colours (..., 3), sRGB in [0, 1], of directions (..., 3) of the scene."""
    looked_up = turned(directions, -material.floats["_Rotation"])
    light = SHADERS[material.shader](material, looked_up / norm(looked_up))
    light = light * to_linear(material.tint) * COLOUR_SPACE_DOUBLE * material.floats["_Exposure"]
    return to_srgb(np.clip(light, 0, 1))


def camera(yaw: float, pitch: float, fov: float, size: int) -> Doubles:
    """Directions (size, size, 3) of a camera's pixels.

    `yaw` is to the right of +Z, `pitch` upwards, `fov` the angle of view, all in degrees.
    """
    edge = np.tan(np.radians(fov) / 2)
    across = ((np.arange(size) + 0.5) / size * 2 - 1) * edge
    x, y = np.meshgrid(across, -across)
    up, right = np.radians(pitch), np.radians(yaw)
    forward, upwards = np.cos(up) - y * np.sin(up), np.sin(up) + y * np.cos(up)
    return np.stack(
        [
            x * np.cos(right) + forward * np.sin(right),
            upwards,
            forward * np.cos(right) - x * np.sin(right),
        ],
        axis=-1,
    )


def psnr(one: Doubles, other: Doubles) -> float:
    """Peak signal-to-noise ratio of pictures in [0, 1], in decibels."""
    return float(-10 * np.log10(max(np.mean((one - other) ** 2), 1e-12)))


# --------------------------------------------------------------------------------------- shaders


def panoramic(material: Material, directions: Doubles) -> Doubles:
    """Skybox/Panoramic, latitude and longitude, 360 degrees."""
    assert "_MAPPING_6_FRAMES_LAYOUT" not in material.keywords
    assert material.floats["_ImageType"] == 0
    assert material.floats["_Layout"] == 0
    x, y, z = np.moveaxis(directions, -1, 0)
    u = 0.5 - np.arctan2(z, x) / (2 * np.pi)
    v = 1 - np.arccos(np.clip(y, -1, 1)) / np.pi
    return sample(material.textures["_MainTex"], u, v)


def six_sided(material: Material, directions: Doubles) -> Doubles:
    """Skybox/6 Sided: six pictures, each by itself."""
    colours = np.empty(directions.shape)
    for face, (inside, u, v) in on_faces(directions).items():
        colours[inside] = sample(material.textures[SIX_SIDED[face]], u, v)
    return colours


def cubemap(material: Material, directions: Doubles) -> Doubles:
    """Skybox/Cubemap."""
    faces = imported_cube(material.textures["_Tex"])
    return sample_cube(faces, directions)


SHADERS = {"Skybox/Panoramic": panoramic, "Skybox/6 Sided": six_sided, "Skybox/Cubemap": cubemap}


# -------------------------------------------------------------------------------------- sampling


def sample(texture: Texture, u: Doubles, v: Doubles) -> Doubles:
    """Bilinear samples (..., 3) in linear light; v is upwards, as Unity has it."""
    assert texture.textureShape == "Texture2D"
    texels = linear_texels(texture)
    height, width, _ = texels.shape

    def tap(column: NDArray[np.intp], row: NDArray[np.intp]) -> Doubles:
        return texels[
            wrapped(row, height, texture.wrapModeV), wrapped(column, width, texture.wrapModeU)
        ]

    return bilinear(tap, u * width - 0.5, (1 - v) * height - 0.5)


def sample_cube(faces: Mapping[str, Doubles], directions: Doubles) -> Doubles:
    """Bilinear samples (..., 3) of a cubemap, across its edges."""
    size = len(faces["+X"])
    colours = np.empty(directions.shape)
    for name, (inside, u, v) in on_faces(directions).items():
        right, down, middle = FACES[name]

        def tap(column: NDArray[np.intp], row: NDArray[np.intp]) -> Doubles:
            a, b = ((2 * index[:, None] + 1) / size - 1 for index in (column, row))
            return nearest(faces, middle + a * right + b * down)  # noqa: B023

        colours[inside] = bilinear(tap, u * size - 0.5, (1 - v) * size - 0.5)
    return colours


def nearest(faces: Mapping[str, Doubles], directions: Doubles) -> Doubles:
    """The texel (n, 3) that each direction (n, 3) falls on."""
    colours = np.empty(directions.shape)
    for name, (inside, u, v) in on_faces(directions).items():
        size = len(faces[name])
        row, column = ((1 - v) * size).astype(int), (u * size).astype(int)
        colours[inside] = faces[name][np.clip(row, 0, size - 1), np.clip(column, 0, size - 1)]
    return colours


def bilinear(tap, column: Doubles, row: Doubles) -> Doubles:
    """Four taps, weighted; `column` and `row` count texel centres."""
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    a, b = (column - left)[..., None], (row - top)[..., None]
    upper = tap(left, top) * (1 - a) + tap(left + 1, top) * a
    lower = tap(left, top + 1) * (1 - a) + tap(left + 1, top + 1) * a
    return upper * (1 - b) + lower * b


def wrapped(index: NDArray[np.intp], size: int, mode: str) -> NDArray[np.intp]:
    """Which texel stands for one beyond the edge."""
    return {"Repeat": index % size, "Clamp": np.clip(index, 0, size - 1)}[mode]


def on_faces(directions: Doubles) -> dict[str, tuple[NDArray[np.bool_], Doubles, Doubles]]:
    """For each face that is seen: which directions (..., 3) it is, and their u and v (upwards)."""
    middles = np.stack([FACES[name][2] for name in FACES])
    which = np.argmax(directions @ middles.T, axis=-1)
    found = {}
    for index, (name, (right, down, middle)) in enumerate(FACES.items()):
        inside = which == index
        if inside.any():
            depth = directions[inside] @ middle
            a, b = directions[inside] @ right / depth, directions[inside] @ down / depth
            found[name] = (inside, (a + 1) / 2, (1 - b) / 2)
    return found


# ------------------------------------------------------------------------------------- importing


@lru_cache(16)
def linear_texels(texture: Texture) -> Doubles:
    """The file's pixels (height, width, 3), from the top, in linear light."""
    texels = np.asarray(Image.open(texture.file).convert("RGB"), np.float64) / 255
    return to_linear(texels) if texture.sRGBTexture else texels


@lru_cache(4)
def imported_cube(texture: Texture) -> dict[str, Doubles]:
    """Faces (size, size, 3) by name, as Unity's importer cuts them out of a picture."""
    assert texture.textureShape == "TextureCube"
    texels = linear_texels(texture)
    if texture.generateCubemap == "Cylindrical":
        return projected(texels)
    assert texture.generateCubemap == "FullCubemap"
    size = texels.shape[1] // 4
    assert texels.shape == (3 * size, 4 * size, 3)
    return {
        name: texels[row * size : (row + 1) * size, column * size : (column + 1) * size]
        for name, (column, row) in HORIZONTAL_CROSS.items()
    }


def projected(panorama: Doubles) -> dict[str, Doubles]:
    """Faces of a panorama: the importer puts its middle at +Z."""
    height, width, _ = panorama.shape
    size = width // 4
    edge = (np.arange(size) + 0.5) / size * 2 - 1
    a, b = (axis[..., None] for axis in np.meshgrid(edge, edge))
    faces = {}
    for name, (right, down, middle) in FACES.items():
        directions = middle + a * right + b * down
        x, y, z = np.moveaxis(directions / norm(directions), -1, 0)

        def tap(column: NDArray[np.intp], row: NDArray[np.intp]) -> Doubles:
            return panorama[np.clip(row, 0, height - 1), column % width]

        u, polar = 0.5 + np.arctan2(x, z) / (2 * np.pi), np.arccos(y) / np.pi
        faces[name] = bilinear(tap, u * width - 0.5, polar * height - 0.5)
    return faces


# --------------------------------------------------------------------------------------- algebra


def turned(directions: Doubles, degrees: float) -> Doubles:
    """Directions turned as the shaders' _Rotation turns the sky: from +X towards +Z."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack([cosine * x - sine * z, y, sine * x + cosine * z], axis=-1)


def norm(vectors: Doubles) -> Doubles:
    """Lengths (..., 1)."""
    return np.linalg.norm(vectors, axis=-1, keepdims=True)


def to_linear(values: Doubles) -> Doubles:
    """Linear light of sRGB values (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(values: Doubles) -> Doubles:
    """sRGB values of linear light."""
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)
