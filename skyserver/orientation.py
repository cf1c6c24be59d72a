"""How each engine is oriented: its axes, its cube faces and its panorama, in one table.

SkyServer works in Unity's convention and turns to another engine's at the very end, so that the
player who looks forward, right or up in any of them sees the same part of the sky, unmirrored.

All four read a cubemap through the same hardware table, `FACE_FRAMES` (OpenGL 4.6 core, section
8.13, table 8.19; Direct3D has the same): with row 0 on top, a to the right and b down in [-1, 1],

    +X (1, -b, -a)   +Y (a, 1, b)     +Z (a, -b, 1)
    -X (-1, -b, a)   -Y (a, -1, -b)   -Z (-a, -b, -1)

is what a face shows. The engines differ in what such a vector means in the scene, which is all
that `ORIENTATIONS` has to say. A consequence: OpenGL looks right-handed directions up in this
left-handed table, so its face *files* are mirror images of what the player sees.

Sources:
- unity: the shaders Skybox/Panoramic, u = 0.5 - atan2(z, x) / 2pi, and Skybox/Cubemap.
- opengl: the specification for faces. It has no panoramas; u = 0.5 + atan2(z, x) / 2pi is what
  Khronos' glTF-Sample-Viewer (panorama_to_cubemap.frag) and learnopengl.com read.
- threejs: equirectUv in ShaderChunk/common.glsl.js, u = 0.5 + atan2(z, x) / 2pi. CubeTexture.js
  says why a cubemap is looked up with x negated ("px and nx swapped").
- unreal: LookupLongLat in TextureCompressorModule.cpp, u = 0.5 + atan2(x, -y) / 2pi in the axes
  of the scene. CalcCubeFaceViewRotationMatrix in ReflectionEnvironmentCapture.cpp and the
  manual's "Creating Cubemaps": +Z and -Z are sky and ground, the faces between them lie rotated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from skyserver.errors import InvalidField

Matrix = NDArray[np.float64]

FACES: Final = ("+X", "-X", "+Y", "-Y", "+Z", "-Z")  # the order of faces in every array and strip


def axis(name: str) -> Matrix:
    """Unit vector (3,) of an axis written as in `FACES`."""
    vector = np.zeros(3)
    vector["XYZ".index(name[1])] = 1.0 if name[0] == "+" else -1.0
    return vector


FACE_FRAMES: Final[Matrix] = np.array(  # (6, 3, 3): for each face the vectors of a, b and 1
    [
        [axis("-Z"), axis("-Y"), axis("+X")],
        [axis("+Z"), axis("-Y"), axis("-X")],
        [axis("+X"), axis("+Z"), axis("+Y")],
        [axis("+X"), axis("-Z"), axis("-Y")],
        [axis("+X"), axis("-Y"), axis("+Z")],
        [axis("-X"), axis("-Y"), axis("-Z")],
    ]
)
FACE_FRAMES.setflags(write=False)


@dataclass(frozen=True)
class Orientation:
    """An engine's axes (each one of `FACES`) and what follows from them.

    `right`, `up` and `forward` are what a player sees there before turning. `centre` is the
    direction in the middle of a panorama, whose u grows to the player's right. `lookup_flips_x`
    says that the engine negates x before it looks a direction up in a cubemap.
    """

    right: str
    up: str
    forward: str
    centre: str
    lookup_flips_x: bool = False

    @property
    def to_unity(self) -> Matrix:
        """Matrix (3, 3) from directions of the scene to those that Unity calls the same."""
        # Unity's x, y and z are right, up and forward.
        return np.stack([axis(self.right), axis(self.up), axis(self.forward)])

    @property
    def lookup_to_unity(self) -> Matrix:
        """Matrix (3, 3) from vectors of the face table to what Unity calls the same directions."""
        flip = -1.0 if self.lookup_flips_x else 1.0
        return self.to_unity * [flip, 1.0, 1.0]

    @property
    def handedness(self) -> Literal["left", "right"]:
        """Whether x, y and z follow the left or the right hand."""
        return "left" if np.linalg.det(self.to_unity) > 0 else "right"

    @property
    def centre_yaw(self) -> int:
        """Yaw of the panorama's centre in degrees, clockwise from forward as seen from above."""
        right, _, forward = self.to_unity @ axis(self.centre)
        return round(float(np.degrees(np.arctan2(right, forward))))


ORIENTATIONS: Final[dict[str, Orientation]] = {
    "unity": Orientation(
        right="+X",
        up="+Y",
        forward="+Z",
        centre="+X",
    ),
    "opengl": Orientation(
        right="+X",
        up="+Y",
        forward="-Z",
        centre="+X",
    ),
    "unreal": Orientation(
        right="+Y",
        up="+Z",
        forward="+X",
        centre="-Y",
    ),
    "threejs": Orientation(
        right="+X",
        up="+Y",
        forward="-Z",
        centre="+X",
        lookup_flips_x=True,
    ),
}


def named(name: str) -> Orientation:
    """The orientation called `name`. Raises `InvalidField` if there is none."""
    if name not in ORIENTATIONS:
        raise InvalidField("orientation", name, ", ".join(ORIENTATIONS))
    return ORIENTATIONS[name]
