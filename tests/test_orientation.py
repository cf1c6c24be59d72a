"""The table of orientations against each engine's own formulas (engines.py)."""

from __future__ import annotations

import engines
import numpy as np
import pytest

from skyserver.orientation import FACE_FRAMES, ORIENTATIONS, axis


def test_names() -> None:
    assert list(ORIENTATIONS) == list(engines.SCENES)


@pytest.mark.parametrize("engine", engines.SCENES)
def test_what_a_player_sees_is_what_unity_s_player_sees(engine: str) -> None:
    seen = np.array(engines.SCENES[engine])
    np.testing.assert_array_equal(seen @ ORIENTATIONS[engine].to_unity.T, np.eye(3))


@pytest.mark.parametrize(
    ("engine", "hand"),
    [("unity", "left"), ("opengl", "right"), ("unreal", "left"), ("threejs", "right")],
)
def test_handedness(engine: str, hand: str) -> None:
    assert ORIENTATIONS[engine].handedness == hand


@pytest.mark.parametrize("engine", engines.SCENES)
def test_the_middle_of_a_panorama_is_where_the_engine_looks_it_up(engine: str) -> None:
    centre = axis(ORIENTATIONS[engine].centre)
    assert engines.PANORAMA_U[engine](*centre) == pytest.approx(0.5)
    right, _, forward = engines.as_seen(engine, centre)
    yaw = np.degrees(np.arctan2(right, forward))
    assert ORIENTATIONS[engine].centre_yaw == pytest.approx(yaw)


@pytest.mark.parametrize("engine", engines.SCENES)
def test_faces_show_what_the_engine_looks_up(engine: str) -> None:
    a, b = np.meshgrid(*[(np.arange(8) + 0.5) / 4 - 1] * 2)
    for frame, seen in zip(FACE_FRAMES, engines.cubemap(engine, 8), strict=True):
        vectors = np.stack([a, b, np.ones_like(a)], axis=-1) @ frame
        found = vectors @ ORIENTATIONS[engine].lookup_to_unity.T
        found /= np.linalg.norm(found, axis=-1, keepdims=True)
        np.testing.assert_allclose(found, seen, atol=1e-12)


@pytest.mark.parametrize(
    ("engine", "face", "seen"),
    [
        ("unity", "+Z", "forward"),
        ("unity", "-X", "left"),
        ("unity", "+Y", "up"),
        ("opengl", "-Z", "forward"),
        ("opengl", "-X", "left"),
        ("unreal", "+X", "forward"),
        ("unreal", "-Y", "left"),
        ("unreal", "+Z", "up"),
        ("threejs", "-Z", "forward"),
        ("threejs", "+X", "left"),  # "px and nx swapped"
        ("threejs", "+Y", "up"),
    ],
)
def test_faces_that_are_known_by_name(engine: str, face: str, seen: str) -> None:
    unity = {"forward": "+Z", "left": "-X", "up": "+Y"}[seen]
    found = ORIENTATIONS[engine].lookup_to_unity @ axis(face)
    np.testing.assert_array_equal(found, axis(unity))


def test_only_opengl_s_faces_are_mirror_images() -> None:
    mirrored = {n for n, o in ORIENTATIONS.items() if np.linalg.det(o.lookup_to_unity) < 0}
    assert mirrored == {"opengl"}
