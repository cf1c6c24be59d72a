"""What each engine does with a panorama and a cubemap, from its own formulas and nothing of ours.

Directions are coded as what the player sees there: (right, up, forward), which is Unity's x, y, z.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

# What the player sees to the right, above and ahead in the axes of the scene.
SCENES = {
    "unity": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "opengl": ((1, 0, 0), (0, 1, 0), (0, 0, -1)),
    "unreal": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "threejs": ((1, 0, 0), (0, 1, 0), (0, 0, -1)),
}

# Each engine's u of a direction of its scene, v is the angle from the zenith / pi.
PANORAMA_U = {
    "unity": lambda x, _y, z: 0.5 - np.arctan2(z, x) / (2 * np.pi),
    "opengl": lambda x, _y, z: 0.5 + np.arctan2(z, x) / (2 * np.pi),
    "threejs": lambda x, _y, z: 0.5 + np.arctan2(z, x) / (2 * np.pi),
    "unreal": lambda x, y, _z: 0.5 + np.arctan2(x, -y) / (2 * np.pi),
}


def as_seen(engine: str, directions: Doubles) -> Doubles:
    """Directions of the scene (..., 3) as (right, up, forward)."""
    return directions @ np.array(SCENES[engine], float).T


def panorama(engine: str, width: int) -> Doubles:
    """As-seen directions (width / 2, width, 3) of the texel centres of an engine's panorama."""
    # Walk round the horizon finely, ask the engine for u, and turn that round by interpolation.
    right, up, forward = np.array(SCENES[engine], float)
    yaw = np.linspace(0, 2 * np.pi, 64 * width, endpoint=False)
    horizon = np.sin(yaw)[:, None] * right + np.cos(yaw)[:, None] * forward
    u = PANORAMA_U[engine](*horizon.T) % 1
    start = int(np.argmin(u))
    u, yaw = np.roll(u, -start), np.unwrap(np.roll(yaw, -start))
    assert (np.diff(u) > 0).all(), "u grows to the player's right, so the panorama is not mirrored"
    azimuth = np.interp((np.arange(width) + 0.5) / width, u, yaw)[:, None]
    polar = ((np.arange(width // 2) + 0.5) / (width // 2) * np.pi)[:, None, None]
    directions = np.sin(polar) * (np.sin(azimuth) * right + np.cos(azimuth) * forward)
    return as_seen(engine, directions + np.cos(polar) * up)


def lookup_vectors(size: int) -> Doubles:
    """What OpenGL 4.6 core, table 8.19, has at the texels (6, size, size, 3) of a cubemap.

    sc = s ma, tc = t ma with s, t in [-1, 1] and the first row of an image at t = -1.
    """
    s, t = np.meshgrid(*[(np.arange(size) + 0.5) / size * 2 - 1] * 2)
    ma = np.ones_like(s)
    faces = [
        (ma, -t, -s),  # +X: sc = -rz, tc = -ry
        (-ma, -t, s),  # -X: sc = +rz, tc = -ry
        (s, ma, t),  # +Y: sc = +rx, tc = +rz
        (s, -ma, -t),  # -Y: sc = +rx, tc = -rz
        (s, -t, ma),  # +Z: sc = +rx, tc = -ry
        (-s, -t, -ma),  # -Z: sc = -rx, tc = -ry
    ]
    return np.stack([np.stack(face, axis=-1) for face in faces])


def cubemap(engine: str, size: int) -> Doubles:
    """As-seen unit directions (6, size, size, 3) of the texel centres of an engine's cubemap."""
    vectors = lookup_vectors(size)
    if engine == "threejs":  # cube.glsl.js: textureCube(map, vec3(-direction.x, direction.yz))
        vectors = vectors * [-1, 1, 1]
    return as_seen(engine, vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
