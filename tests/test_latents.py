"""docs/seed.md against the package and against an independent one in Python's integers."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from skyserver.latents import COARSE_LAYERS, latent, sky_latents

DOCUMENT = Path(__file__).parents[1] / "docs" / "seed.md"


def splitmix(state: int, n: int) -> int:
    x = (state + (n + 1) * 0x9E3779B97F4A7C15) % 2**64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) % 2**64
    return x ^ (x >> 31)


def reference_key(seed: int, index: int) -> int:
    return splitmix(splitmix(seed, 0), index)


def reference_t(key: int, j: int) -> int:
    words = (splitmix(key, n) for n in range(3 * j, 3 * j + 3))
    return (
        sum(part for word in words for part in struct.unpack("<4H", word.to_bytes(8, "little")))
        - 393210
    )


def vectors() -> list[tuple[int, int, str, list[int], int, str]]:
    row = re.compile(
        r"\| (\d+) \| (\d+) \| ([0-9a-f]{16}) \| ([-\d, ]+) \| (-?\d+) \| ([0-9a-f]{8}) \|"
    )
    return [
        (int(seed), int(index), key, [int(t) for t in ts.split(", ")], int(last), bits)
        for seed, index, key, ts, last, bits in row.findall(DOCUMENT.read_text(encoding="utf-8"))
    ]


def test_document_has_the_extreme_seeds() -> None:
    seeds = {vector[0] for vector in vectors()}
    assert {0, 2**32, 2**64 - 1} <= seeds
    assert len(vectors()) >= 10


@pytest.mark.parametrize(("seed", "index", "key", "ts", "last", "bits"), vectors())
def test_document_vectors(
    seed: int, index: int, key: str, ts: list[int], last: int, bits: str
) -> None:
    assert f"{reference_key(seed, index):016x}" == key
    z = latent(seed, index, 512)
    assert (z * 65536).astype(int).tolist()[:4] == ts
    assert z[511] * 65536 == last
    assert struct.pack(">f", z[0]).hex() == bits


def test_splitmix_is_the_published_one() -> None:
    # First outputs for state 1234567, from the test of the generator's C reference (Vigna).
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [splitmix(1234567, n) for n in range(3)] == expected


@given(seed=st.integers(0, 2**64 - 1), index=st.integers(0, 9), z_dim=st.integers(1, 40))
def test_every_seed_matches_the_reference(seed: int, index: int, z_dim: int) -> None:
    key = reference_key(seed, index)
    z = latent(seed, index, z_dim)
    assert z.dtype == np.float32
    assert z.tolist() == [reference_t(key, j) / 65536 for j in range(z_dim)]


def test_values_are_near_to_normal() -> None:
    z = np.concatenate([latent(seed, 0, 512) for seed in range(400)]).astype(np.float64)
    count = z.size
    # Moments of the sum of twelve uniforms, within five standard errors.
    assert abs(z.mean()) < 5 / np.sqrt(count)
    assert abs(z.var() - 1) < 5 * np.sqrt(1.9 / count)
    assert abs(stats.skew(z)) < 5 * np.sqrt(6 / count)
    assert abs(stats.kurtosis(z) + 0.1) < 5 * np.sqrt(24 / count)
    # The largest distance between the two distribution functions is 0.0023.
    assert stats.kstest(z, "norm").statistic < 0.0023 + 1.63 / np.sqrt(count)


def test_neighbouring_seeds_and_indices_are_unrelated() -> None:
    z = np.stack([latent(seed, index, 512) for seed in range(8) for index in range(8)])
    correlation = np.corrcoef(z) - np.eye(len(z))
    assert np.abs(correlation).max() < 5 / np.sqrt(512)


def test_pictures_of_a_sky_share_the_fine_layers_alone() -> None:
    z = sky_latents(seed=7, layers=12, z_dim=64, pictures=4)
    assert z.shape == (5, 12, 64)
    assert z.dtype == np.float32
    for picture in range(5):
        coarse, fine = z[picture, :COARSE_LAYERS], z[picture, COARSE_LAYERS:]
        assert (coarse == latent(7, picture + 1, 64)).all()
        assert (fine == latent(7, 0, 64)).all()


def test_a_shallow_model_is_all_coarse() -> None:
    z = sky_latents(seed=7, layers=2, z_dim=8, pictures=1)
    assert (z[0] == latent(7, 1, 8)).all()
    assert (z[1] == latent(7, 2, 8)).all()
