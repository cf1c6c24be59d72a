"""The page's maths, skyserver/web/src/sky, against the Python package: the same sky in both."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from node_maths import Maths, running
from numpy.typing import NDArray
from PIL import Image

from skyserver.latents import sky_latents
from skyserver.orientation import ORIENTATIONS
from skyserver.panorama import compose
from skyserver.resample import resize
from skyserver.sphere import equirect_to_faces, reorient

ROOT = Path(__file__).parents[2]
ALIKE = 100.0  # dB: what float32 leaves of two ways to add up the same numbers, and room to spare

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def maths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maths]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: the page's maths cannot be built")
    subprocess.run(["make", "skyserver/web/node_modules/.package-lock.json"], cwd=ROOT, check=True)
    with running(tmp_path_factory.mktemp("maths")) as maths:
        yield maths


def pictures(count: int, height: int, width: int, ground: bool = False) -> Floats:
    """Flat skies (count, height, width, 3), each with its own light; the first may have ground."""
    rng = np.random.default_rng([count, height, width])
    coarse = rng.random((count, 6, 6, 3), np.float32)
    detail = 0.1 * rng.random((count, height, width, 3), np.float32)
    skies = np.stack([resize(picture, width, height) for picture in coarse]) * 0.9 + detail
    if ground:
        skies[0, height * 3 // 4 :] *= 0.1
    return skies


def panorama(width: int) -> Floats:
    return pictures(1, width // 2, width)[0]


def assert_alike(made: Floats, wanted: Floats) -> None:
    assert made.shape == wanted.shape
    error = np.mean((made.astype(np.float64) - wanted) ** 2)
    assert error <= 10 ** (-ALIKE / 10)
    in_8_bits = [np.round(255 * image).astype(int) for image in (made, wanted)]
    assert np.abs(in_8_bits[0] - in_8_bits[1]).max() <= 1


# seeds and latents


@pytest.mark.parametrize("seed", [0, 1, 42, 2**32, 2**53 + 1, 2**63 + 12345, 2**64 - 1])
@pytest.mark.parametrize(("layers", "pictures"), [(14, 4), (14, 8), (3, 1)])
def test_latents_are_equal_to_the_last_bit(
    maths: Maths, seed: int, layers: int, pictures: int
) -> None:
    made = maths("latents", "skyLatents", {"bigint": str(seed)}, layers, 128, pictures)
    wanted = sky_latents(seed, layers, 128, pictures)
    assert [z.tobytes() for z in made] == [z.tobytes() for z in wanted]


def test_latents_are_those_of_the_specification(maths: Maths) -> None:
    row = re.compile(
        r"\| (\d+) \| (\d+) \| [0-9a-f]{16} \| (.+) \| (-?\d+) \| ([0-9a-f]{8}) \|$", re.MULTILINE
    )
    rows = row.findall((ROOT / "docs" / "seed.md").read_text(encoding="utf-8"))
    assert len(rows) == 10
    for seed, index, first, last, bits in rows:
        made = maths("latents", "latent", {"bigint": seed}, int(index), 512)
        wanted = [*map(int, first.split(", ")), int(last)]
        assert [*(made[:4] * 65536), made[511] * 65536] == wanted
        assert made[:1].view(np.uint32)[0] == int(bits, 16)


# panorama


@pytest.mark.parametrize("count", range(1, 9))
def test_a_panorama_of_any_number_of_pictures(maths: Maths, count: int) -> None:
    ring, zenith = np.split(pictures(count + 1, 72, 72), [count])
    made = maths("panorama", "compose", list(ring), zenith[0], "blend", "haze")
    assert_alike(made, compose(ring, zenith[0]))


@pytest.mark.parametrize("method", ["blend", "mirror"])
@pytest.mark.parametrize("below", ["haze", "mirror", "#0a80fF"])
@pytest.mark.parametrize(("height", "width"), [(67, 101), (130, 90)])
def test_every_choice_on_odd_pictures(
    maths: Maths, method: str, below: str, height: int, width: int
) -> None:
    images = pictures(4, height, width, ground=True)
    made = maths("panorama", "compose", list(images[:3]), images[3], method, below)
    assert_alike(made, compose(images[:3], images[3], method, below))


@pytest.mark.parametrize("edge", [1, 15, 16, 256])
def test_a_panorama_of_pictures_small_and_large(maths: Maths, edge: int) -> None:
    images = pictures(5, edge, edge)
    made = maths("panorama", "compose", list(images[:4]), images[4], "blend", "haze")
    assert_alike(made, compose(images[:4], images[4]))


@pytest.mark.parametrize("value", [0, 1])
def test_pictures_without_any_light_or_contrast(maths: Maths, value: int) -> None:
    images = np.full((3, 64, 64, 3), value, np.float32)
    made = maths("panorama", "compose", list(images[:2]), images[2], "blend", "mirror")
    assert_alike(made, compose(images[:2], images[2], "blend", "mirror"))


# resampling


SIZES = [(96, 48), (31, 77), (200, 31), (90, 1), (61, 48), (1, 1)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_picture_is_resized_as_pillow_does_it(maths: Maths, width: int, height: int) -> None:
    picture = pictures(1, 61, 90)[0]
    channels = [
        Image.fromarray(plane).resize((width, height), Image.Resampling.LANCZOS)
        for plane in np.ascontiguousarray(picture.transpose(2, 0, 1))
    ]
    wanted = np.stack([np.asarray(channel) for channel in channels], axis=-1)
    assert_alike(maths("resample", "resize", picture, width, height), wanted.clip(0, 1))


@pytest.mark.parametrize("width", [2, 50, 128, 258, 512])
def test_a_panorama_is_resized_round_its_edges(maths: Maths, width: int) -> None:
    image = panorama(256)
    made = maths("resample", "resize", image, width, width // 2, True)
    assert_alike(made, resize(image, width, width // 2, wrap=True))


# faces and orientations


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", [1, 33, 64, 100])
def test_six_faces_for_every_engine(maths: Maths, orientation: str, size: int) -> None:
    image = panorama(256)
    faces = maths("sphere", "equirectToFaces", image, size, orientation)
    assert_alike(np.stack(faces), equirect_to_faces(image, size, orientation))


@pytest.mark.parametrize("source", ORIENTATIONS)
@pytest.mark.parametrize("target", ORIENTATIONS)
@pytest.mark.parametrize("width", [10, 64])
def test_a_panorama_turns_between_engines(
    maths: Maths, source: str, target: str, width: int
) -> None:
    image = panorama(width)
    made = maths("sphere", "reorient", image, source, target)
    np.testing.assert_array_equal(made, reorient(image, source, target))
