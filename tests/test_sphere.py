"""Projections against closed forms, a second implementation in float64, and peers."""

from __future__ import annotations

from pathlib import Path

import engines
import equilib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.ndimage import map_coordinates

from skyserver.errors import InvalidField
from skyserver.sphere import (
    equirect_to_faces,
    equirect_to_view,
    faces_to_equirect,
    reorient,
    reorient_faces,
)

Array = NDArray[np.float64]
PANORAMAS = Path(__file__).parents[2] / "shared" / "data" / "panoramas" / "equirect"


def coded(directions: Array) -> NDArray[np.float32]:
    """Image whose colours are its directions."""
    return (0.5 + 0.45 * directions).astype(np.float32)


def angles(image: NDArray[np.float32], directions: Array) -> Array:
    """Angle in radians between the directions that colours stand for and the right ones."""
    found = (image.astype(np.float64) - 0.5) / 0.45
    return np.arctan2(
        np.linalg.norm(np.cross(found, directions), axis=-1), (found * directions).sum(axis=-1)
    )


def noise(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(0.3, 0.7, shape).astype(np.float32)


def double_cover(equirect: NDArray[np.float32]) -> Array:
    """A panorama and itself seen going up beyond the pole: periodic both ways."""
    width = equirect.shape[1]
    return np.concatenate([equirect, np.roll(equirect[::-1], width // 2, axis=1)]).astype(float)


def reference(equirect: NDArray[np.float32], directions: Array) -> Array:
    """Quadratic spline through a panorama at directions (..., 3), by scipy in float64."""
    height, width, _ = equirect.shape
    x, y, z = np.moveaxis(directions / np.linalg.norm(directions, axis=-1, keepdims=True), -1, 0)
    column = (0.5 - np.arctan2(z, x) / (2 * np.pi)) * width - 0.5
    row = np.arccos(np.clip(y, -1, 1)) / np.pi * height - 0.5
    planes = np.moveaxis(double_cover(equirect), -1, 0)
    values = [map_coordinates(plane, [row, column], order=2, mode="grid-wrap") for plane in planes]
    return np.stack(values, axis=-1)


# Where things lie


@pytest.mark.parametrize("engine", engines.SCENES)
@pytest.mark.parametrize("size", [16, 65, 128])
def test_every_texel_of_every_face_shows_its_direction(engine: str, size: int) -> None:
    faces = equirect_to_faces(coded(engines.panorama("unity", 4 * size)), size, engine)
    error = angles(faces, engines.cubemap(engine, size))
    corner_texel = 2 / size / 3  # the smallest there is, a third of those in the middle
    assert error.max() < 0.1 * corner_texel


@pytest.mark.parametrize("engine", engines.SCENES)
@pytest.mark.parametrize("size", [16, 65, 128])
def test_every_texel_of_a_panorama_shows_its_direction(engine: str, size: int) -> None:
    panorama = faces_to_equirect(coded(engines.cubemap(engine, size)), 4 * size, engine)
    error = angles(panorama, engines.panorama("unity", 4 * size))
    assert error.max() < 0.1 * 2 * np.pi / (4 * size)


@pytest.mark.parametrize("engine", engines.SCENES)
def test_a_panorama_turned_for_an_engine_is_where_it_looks(engine: str) -> None:
    turned = reorient(coded(engines.panorama("unity", 64)), "unity", engine)
    assert angles(turned, engines.panorama(engine, 64)).max() < 1e-6
    back = reorient(turned, engine, "unity")
    np.testing.assert_array_equal(back, coded(engines.panorama("unity", 64)))


@pytest.mark.parametrize("target", engines.SCENES)
@pytest.mark.parametrize("source", engines.SCENES)
def test_faces_turned_for_an_engine_are_where_it_looks(source: str, target: str) -> None:
    turned = reorient_faces(coded(engines.cubemap(source, 9)), source, target)
    np.testing.assert_array_equal(turned, coded(engines.cubemap(target, 9)))


@pytest.mark.parametrize(
    ("yaw", "pitch", "face"),
    [(90, 0, 0), (-90, 0, 1), (0, 90, 2), (0, -90, 3), (0, 0, 4), (180, 0, 5), (360, 0, 4)],
)
def test_square_views_along_the_axes_are_the_faces(yaw: int, pitch: int, face: int) -> None:
    equirect = noise(32, 64, 3)
    view = equirect_to_view(equirect, yaw, pitch, 90, 16, 16)
    np.testing.assert_allclose(view, equirect_to_faces(equirect, 16)[face], atol=1e-5)


@given(yaw=st.floats(-720, 720), pitch=st.floats(-90, 90), fov=st.floats(20, 140))
@settings(max_examples=30)
def test_a_view_shows_what_lies_there(yaw: float, pitch: float, fov: float) -> None:
    width, height = 24, 16
    view = equirect_to_view(coded(engines.panorama("unity", 256)), yaw, pitch, fov, width, height)
    # A pinhole camera: turn the picture plane's points up, then to the right.
    focal = width / 2 / np.tan(np.radians(fov / 2))
    right, down = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) - 7.5)
    tilt, turn = np.radians(pitch), np.radians(yaw)
    up = -down * np.cos(tilt) + focal * np.sin(tilt)
    ahead = focal * np.cos(tilt) + down * np.sin(tilt)
    x = right * np.cos(turn) + ahead * np.sin(turn)
    z = ahead * np.cos(turn) - right * np.sin(turn)
    assert angles(view, np.stack([x, up, z], axis=-1)).max() < 0.1 * 2 * np.pi / 256


# What is read there


@given(height=st.integers(1, 40), size=st.integers(10, 40), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_faces_follow_the_reference(height: int, size: int, seed: int) -> None:
    equirect = noise(height, 2 * height, 3, seed=seed)
    if 2 * height > 4 * size:
        return
    expected = reference(equirect, engines.cubemap("unity", size))
    np.testing.assert_allclose(equirect_to_faces(equirect, size), expected, atol=2e-6)


def test_a_panorama_follows_the_reference_inside_faces() -> None:
    faces, size, width = noise(6, 64, 64, 3), 64, 256
    directions = engines.panorama("unity", width)
    panorama = faces_to_equirect(faces, width)
    for face, vectors in enumerate(engines.lookup_vectors(2)):
        centre = vectors.mean(axis=(0, 1))
        right, down = vectors[0, 1] - vectors[0, 0], vectors[1, 0] - vectors[0, 0]
        depth = directions @ centre
        a, b = directions @ right / depth, directions @ down / depth
        inside = (depth > 0) & (np.maximum(np.abs(a), np.abs(b)) < 0.7)
        places = [(b[inside] + 1) * size / 2 - 0.5, (a[inside] + 1) * size / 2 - 0.5]
        for channel in range(3):
            expected = map_coordinates(faces[face, ..., channel].astype(float), places, order=2)
            np.testing.assert_allclose(panorama[inside, channel], expected, atol=2e-5)


def test_edges_and_corners_are_as_exact_as_the_middle() -> None:
    def waves(directions: Array) -> NDArray[np.float32]:
        x, y, z = np.moveaxis(directions, -1, 0)
        planes = [np.sin(9 * x + 2 * y), np.sin(8 * y - 3 * z), np.sin(7 * z + 5 * x)]
        return (0.5 + 0.4 * np.stack(planes, axis=-1)).astype(np.float32)

    size, width = 64, 256
    directions = engines.panorama("unity", width)
    error = np.abs(
        faces_to_equirect(waves(engines.cubemap("unity", size)), width) - waves(directions)
    )
    ordered = np.sort(np.abs(directions), axis=-1)
    edge = ordered[..., 1] / ordered[..., 2] > 1 - 4 / size
    corner = ordered[..., 0] / ordered[..., 2] > 1 - 6 / size
    assert corner.sum() > 8
    assert edge.sum() > 1000
    # A wave of amplitude 0.4 is off by 0.003 where a tap clamps to the edge.
    assert error[~edge].max() < 2e-4
    assert error[edge].max() < 4e-4
    assert error[corner].max() < 4e-4


@given(
    colour=st.tuples(*[st.floats(0, 1, width=32)] * 3),
    height=st.integers(1, 30),
    size=st.integers(1, 20),
    half=st.integers(1, 30),
)
@settings(max_examples=25)
def test_one_colour_stays_that_colour_at_any_size(
    colour: tuple[float, float, float], height: int, size: int, half: int
) -> None:
    equirect = np.full((height, 2 * height, 3), colour, np.float32)
    faces = equirect_to_faces(equirect, size)
    assert faces.shape == (6, size, size, 3)
    np.testing.assert_allclose(faces, np.broadcast_to(colour, faces.shape), atol=1e-5)
    back = faces_to_equirect(faces, 2 * half)
    assert back.shape == (half, 2 * half, 3)
    np.testing.assert_allclose(back, np.broadcast_to(colour, back.shape), atol=1e-5)


@given(steps=st.integers(-64, 64), yaw=st.floats(-180, 180), pitch=st.floats(-90, 90))
@settings(max_examples=20)
def test_rolling_a_panorama_is_turning_round(steps: int, yaw: float, pitch: float) -> None:
    equirect = noise(32, 64, 3)
    turned = equirect_to_view(
        np.roll(equirect, steps, axis=1), yaw + steps * 360 / 64, pitch, 80, 20, 14
    )
    np.testing.assert_allclose(
        turned, equirect_to_view(equirect, yaw, pitch, 80, 20, 14), atol=1e-5
    )


@given(yaw=st.floats(-180, 180), pitch=st.floats(-90, 90))
@settings(max_examples=20)
def test_a_panorama_upside_down_is_seen_upside_down(yaw: float, pitch: float) -> None:
    equirect = noise(32, 64, 3)
    view = equirect_to_view(equirect[::-1], yaw, -pitch, 80, 20, 14)
    np.testing.assert_allclose(
        view[::-1], equirect_to_view(equirect, yaw, pitch, 80, 20, 14), atol=1e-5
    )


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((512, 1024, 3), np.float32)
    stripes[:, ::2] = 1
    assert equirect_to_faces(stripes, 24).std() < 0.01
    assert equirect_to_view(stripes, 10, 5, 90, 24, 24).std() < 0.01
    checks = np.zeros((6, 256, 256, 3), np.float32)
    checks[:, ::2, ::2] = checks[:, 1::2, 1::2] = 1
    assert faces_to_equirect(checks, 96).std() < 0.01


def test_batches() -> None:
    equirects = noise(2, 3, 16, 32, 3)
    faces = equirect_to_faces(equirects, 8, "unreal")
    assert faces.shape == (2, 3, 6, 8, 8, 3)
    np.testing.assert_array_equal(faces[1, 2], equirect_to_faces(equirects[1, 2], 8, "unreal"))
    back = faces_to_equirect(faces, 32, "unreal")
    np.testing.assert_array_equal(back[1, 2], faces_to_equirect(faces[1, 2], 32, "unreal"))
    views = equirect_to_view(equirects, 20, 30, 70, 12, 10)
    np.testing.assert_array_equal(
        views[1, 2], equirect_to_view(equirects[1, 2], 20, 30, 70, 12, 10)
    )


@pytest.mark.parametrize("name", ["chinese_garden", "dikhololo_night", "pmndrs_sky"])
def test_real_panoramas_survive_better_than_with_a_peer(name: str) -> None:
    path = PANORAMAS / f"{name}.jpg"
    if not path.exists():
        pytest.skip("../shared/data/panoramas is not beside the checkout")
    with Pillow.open(path) as file:
        small = file.resize((512, 256), Pillow.Resampling.LANCZOS)
    picture = np.asarray(small, np.float32) / 255

    def psnr(result: NDArray[np.float32]) -> float:
        return float(-10 * np.log10(np.mean((np.clip(result, 0, 1) - picture) ** 2)))

    planes = torch.from_numpy(picture).permute(2, 0, 1).contiguous()
    straight = {"roll": 0.0, "pitch": 0.0, "yaw": 0.0}
    options = {"cube_format": "horizon", "mode": "bicubic"}
    cube = equilib.equi2cube(planes, straight, w_face=128, **options)
    peer = equilib.cube2equi(cube, height=256, width=512, **options).permute(1, 2, 0).numpy()
    assert psnr(faces_to_equirect(equirect_to_faces(picture, 128), 512)) > psnr(peer)


# What is refused


def test_bad_shapes_are_named() -> None:
    with pytest.raises(InvalidField, match=r"panorama.*twice as wide as high"):
        equirect_to_faces(noise(16, 30, 3), 8)
    with pytest.raises(InvalidField, match=r"faces.*six equal squares"):
        faces_to_equirect(noise(6, 8, 9, 3), 32)
    with pytest.raises(InvalidField, match=r"faces.*six equal squares"):
        faces_to_equirect(noise(5, 8, 8, 3), 32)
    with pytest.raises(InvalidField, match=r"width.*even"):
        faces_to_equirect(noise(6, 8, 8, 3), 31)
    with pytest.raises(InvalidField, match="fov"):
        equirect_to_view(noise(8, 16, 3), 0, 0, 180, 8, 8)
    for convert in (equirect_to_faces, faces_to_equirect):
        image = noise(8, 16, 3) if convert is equirect_to_faces else noise(6, 8, 8, 3)
        with pytest.raises(InvalidField, match=r"orientation: 'godot' is not allowed; .*threejs"):
            convert(image, 8, "godot")
