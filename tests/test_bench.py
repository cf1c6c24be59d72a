"""Times against a clock that the test itself sets."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skyserver import bench
from skyserver.bench import ROUNDS_BESIDES, Candidate, Measured, machine, measure
from skyserver.errors import ModelError
from skyserver.footprint import Footprint
from skyserver.model import SkyModel

FAST, SLOW = 0.02, 0.06  # seconds a picture


def measured(*seconds: float) -> Measured:
    return Measured("a.onnx", "cpu", 1, 10, 0.1, None, seconds, 0.01)


def test_the_median_p95_and_rate() -> None:
    seconds = np.random.default_rng(0).gamma(4, 0.01, 101)
    one = measured(*seconds)
    assert one.median == np.sort(seconds)[50]
    assert one.p95 == pytest.approx(np.sort(seconds)[95])
    assert one.pictures_per_second == pytest.approx(101 / seconds.sum())


def test_speed_is_the_ratio_within_each_turn() -> None:
    """A burst of load that hits both in the same turn leaves the ratio as it is."""
    first, twice_as_fast = measured(2, 20, 2, 40, 2), measured(1, 10, 1, 20, 1)
    assert twice_as_fast.speed_against(first) == 2
    assert first.speed_against(twice_as_fast) == 0.5
    assert first.speed_against(first) == 1


@pytest.fixture
def candidates(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Candidate]:
    """Two files; drawing waits FAST seconds with one thread and works SLOW ones with two."""
    other = tmp_path / "other.onnx"
    other.write_bytes(tiny_model.read_bytes())
    monkeypatch.setattr(bench, "footprint", lambda *_: Footprint(0.5, 1000))
    return [Candidate(tiny_model, "cpu", 1), Candidate(other, "cpu", 2)]


def test_candidates_take_turns_and_are_timed_each(
    candidates: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[SkyModel] = []
    turns: list[tuple[int, bytes]] = []
    load = SkyModel.load

    def remember(file: Path, threads: int, backend: str) -> SkyModel:
        loaded.append(load(file, threads, backend))
        return loaded[-1]

    def draw(self: SkyModel, z: NDArray[np.float32], c: NDArray[np.float32], psi: float) -> None:
        index = loaded.index(self)
        turns.append((index, z.tobytes() + c.tobytes() + bytes([round(psi)])))
        if index == 0:
            time.sleep(FAST)  # takes no processor time
            return
        end = time.thread_time() + SLOW
        while time.thread_time() < end:
            pass

    monkeypatch.setattr(bench.SkyModel, "load", remember)
    monkeypatch.setattr(SkyModel, "run", draw)
    drawn: list[None] = []
    fast, slow = measure(candidates, 8, lambda: drawn.append(None))
    assert len(drawn) == 2 * (8 + ROUNDS_BESIDES)
    pairs = [turns[i : i + 2] for i in range(0, 18, 2)]
    assert all({index for index, _ in pair} == {0, 1} for pair in pairs)  # each in each turn
    assert {pair[0][0] for pair in pairs} == {0, 1}  # neither always goes first
    assert all(pair[0][1] == pair[1][1] for pair in pairs)  # the same picture
    assert len({pair[0][1] for pair in pairs}) == 9  # another one each turn
    assert len(fast.seconds) == len(slow.seconds) == 8  # the first warms up
    assert min(fast.seconds) >= FAST
    assert fast.cpu_seconds < FAST / 2
    assert min(slow.seconds) >= SLOW
    assert slow.cpu_seconds == pytest.approx(SLOW, rel=0.3)
    assert slow.speed_against(fast) < 1 < fast.speed_against(slow)


def test_each_is_named_with_its_size_and_footprint(candidates: list[Candidate]) -> None:
    for one, wanted in zip(measure(candidates, 1), candidates, strict=True):
        assert (one.file, one.backend) == (str(wanted.file), "cpu")
        assert one.threads == wanted.threads
        assert one.file_bytes == len(wanted.file.read_bytes())
        assert (one.load_seconds, one.peak_bytes) == (0.5, 1000)


def test_a_bad_file_ends_it_before_anything_is_measured(candidates: list[Candidate]) -> None:
    drawn: list[None] = []
    absent = Candidate(Path("absent.onnx"), "cpu", 1)
    with pytest.raises(ModelError, match=r"absent\.onnx"):
        measure([*candidates, absent], 1, lambda: drawn.append(None))
    assert drawn == []


def test_the_machine_has_a_name_and_a_runtime() -> None:
    assert " cores, " in machine()
    assert "ONNX Runtime " in machine()
