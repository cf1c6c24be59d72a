"""The cross-fade: its shader shows what Unity's own three show, its component behaves.

The textures are coded by direction: each point of them has as its colour the direction that lies
there in Unity's layouts, so whatever a shader reads tells where it looked. The layouts and the
sense of _Rotation are those of reference_renderer.py.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import hlsl
import mono
import numpy as np
import pytest
import reference_renderer
from hlsl import Vector

SHADER = mono.PACKAGE / "Runtime" / "Shaders" / "SkyboxCrossFade.shader"
LAYOUTS = ("PANORAMIC", "SIX_SIDED", "CUBEMAP")

FACES = {
    name.removesuffix("Tex"): reference_renderer.FACES[face]
    for face, name in reference_renderer.SIX_SIDED.items()
}
TINT = {"A": (0.5, 0.4, 0.3), "B": (0.1, 0.6, 0.9)}
EXPOSURE = {"A": 1.5, "B": 0.7}
ROTATION = {"A": 90.0, "B": 217.0}
DOUBLE = Vector((2.0, 2.0, 2.0, 2.0))  # what makes a tint of half grey neutral in gamma space

_steps = [i / 4.3 - 0.97 for i in range(9)]
DIRECTIONS = [
    (x, y, z) for x, y, z in itertools.product(_steps, repeat=3) if max(map(abs, (x, y, z))) > 0.9
] + [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1), (-1, 0.2, -1e-9)]


def unit(direction: Sequence[float]) -> Vector:
    length = math.hypot(*direction)
    return Vector(float(n) / length for n in direction)


def read_2d(texture: str, uv: Vector) -> Vector:
    """The colour at (u, v), v up, of a texture coded by direction."""
    assert all(-1e-6 <= n <= 1 + 1e-6 for n in uv), "beyond the texture"
    if texture.startswith("_Panorama"):
        azimuth, from_zenith = (0.5 - uv.x) * 2 * math.pi, (1 - uv.y) * math.pi
        height, ring = math.cos(from_zenith), math.sin(from_zenith)
        return Vector((ring * math.cos(azimuth), height, ring * math.sin(azimuth), 1))
    right, down, middle = FACES[texture[:-1]]
    return Vector((*unit(middle + (2 * uv.x - 1) * right + (1 - 2 * uv.y) * down), 1))


def shader(layout_a: str, layout_b: str, blend: float) -> SimpleNamespace:
    values: dict[str, object] = {
        "Struct": SimpleNamespace,
        "UNITY_PI": math.pi,
        "UNITY_SETUP_INSTANCE_ID": lambda _: None,
        "UNITY_INITIALIZE_VERTEX_OUTPUT_STEREO": lambda _: None,
        "UnityObjectToClipPos": lambda position: position,
        "unity_ColorSpaceDouble": DOUBLE,
        "DecodeHDR": lambda color, hdr: color.rgb * hdr,
        "tex2D": read_2d,
        "tex2Dlod": lambda texture, uv: read_2d(texture, uv.xy),
        "texCUBE": lambda _, direction: Vector((*unit(direction), 1)),
        "_Blend": blend,
    }
    for slot in "AB":
        values |= {f"{name}{slot}": f"{name}{slot}" for name in (*FACES, "_Panorama", "_Cube")}
        values |= {f"{name}{slot}_HDR": 1.0 for name in ("_Front", "_Panorama", "_Cube")}
        values[f"_Tint{slot}"] = Vector((*TINT[slot], 1))
        values[f"_Exposure{slot}"] = EXPOSURE[slot]
        values[f"_Rotation{slot}"] = ROTATION[slot]
    return hlsl.load(SHADER, {f"_A_{layout_a}", f"_B_{layout_b}"}, values)


def drawn(program: SimpleNamespace, direction: Sequence[float]) -> Vector:
    """The pixel in that direction: the vertex shader's output is linear in the position."""
    return program.Fragment(program.Vertex(SimpleNamespace(position=Vector((*direction, 1))))).rgb


def expected(slot: str, direction: Sequence[float]) -> Vector:
    """What each of Unity's skybox shaders shows."""
    looked_up = reference_renderer.turned(np.array(direction), -ROTATION[slot])
    return unit(looked_up) * Vector(TINT[slot]) * DOUBLE.rgb * EXPOSURE[slot]


@pytest.mark.parametrize("layout_b", LAYOUTS)
@pytest.mark.parametrize("layout_a", LAYOUTS)
def test_shader_shows_one_sky_at_0_the_other_at_1_and_between_them_the_mean(
    layout_a: str, layout_b: str
) -> None:
    start, middle, end = (shader(layout_a, layout_b, blend) for blend in (0, 0.25, 1))
    for direction in DIRECTIONS:
        a, b = expected("A", direction), expected("B", direction)
        assert drawn(start, direction) == pytest.approx(a, abs=1e-6)
        assert drawn(end, direction) == pytest.approx(b, abs=1e-6)
        assert drawn(middle, direction) == pytest.approx(a * 0.75 + b * 0.25, abs=1e-6)


def declaration(shader: Path) -> str:
    """C# that tells the stubs which properties a shader has, as Unity reads them from it."""
    text = shader.read_text()
    properties = re.findall(r'(\w+) \("', text[: text.index("SubShader")])
    name = re.search(r'Shader "(.*)"', text)[1]
    return (
        "[NUnit.Framework.SetUpFixture] public class DeclareShader"
        " { [NUnit.Framework.SetUp] public void Declare()"
        f' {{ UnityEngine.Shader.Known["{name}"] = "{" ".join(properties)}".Split(); }} }}'
    )


def test_cost_of_a_fade(tmp_path: Path) -> None:
    stubs = mono.compile_library(tmp_path / "UnityStubs.dll", mono.sources_in(mono.STUBS))
    runtime = mono.compile_library(
        tmp_path / "SkyServer.Runtime.dll", mono.sources_in(mono.PACKAGE / "Runtime"), [stubs]
    )
    declared = tmp_path / "DeclareShader.cs"
    declared.write_text(declaration(SHADER))
    sources = [*mono.sources_in(Path(__file__).parent / "crossfade"), declared]
    tests = tmp_path / "SkyServer.Editor.Tests.dll"
    mono.compile_library(tests, sources, [stubs, runtime, mono.nunit_framework()])
    results = mono.run_nunit(tests)
    assert results.failed == {}
    assert len(results.passed) == 2
