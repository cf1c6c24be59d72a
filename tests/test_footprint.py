"""Load time and memory, from a process that did nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny

from skyserver.errors import ModelError
from skyserver.footprint import footprint

LARGE = 64 * 2**20  # bytes


@pytest.fixture(scope="module")
def large_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with `LARGE` bytes more of weights, which add nothing to the picture."""
    model = tiny.tiny_model()
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.zeros(LARGE // 4, np.float32), "ballast")
    )
    model.graph.node.insert(
        0, onnx.helper.make_node("ReduceMax", ["ballast"], ["zero"], keepdims=0)
    )
    model.graph.node[-1].output[0] = "drawn"
    model.graph.node.append(onnx.helper.make_node("Add", ["drawn", "zero"], ["image"]))
    path = tmp_path_factory.mktemp("large") / "large.onnx"
    onnx.save(model, path)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is not known there")
def test_a_larger_model_takes_as_much_more_memory_and_longer(
    tiny_model: Path, large_model: Path
) -> None:
    small, large = footprint(tiny_model, 1, "cpu"), footprint(large_model, 1, "cpu")
    assert small.peak_bytes > 20 * 2**20  # Python and the runtime alone
    assert LARGE < large.peak_bytes - small.peak_bytes < 6 * LARGE
    assert 0 < small.load_seconds < large.load_seconds


def test_it_does_not_count_what_the_asking_process_holds(tiny_model: Path) -> None:
    held = np.ones(256 * 2**20 // 8)
    assert (footprint(tiny_model, 1, "cpu").peak_bytes or 0) < held.nbytes


def test_a_process_that_fails_is_one_line_with_its_last_words(tmp_path: Path) -> None:
    absent = tmp_path / "absent.onnx"
    with pytest.raises(ModelError, match=r"absent\.onnx: its own process ended with 1 .*read") as e:
        footprint(absent, 1, "cpu")
    assert "\n" not in str(e.value)
