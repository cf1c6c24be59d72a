"""`skyserver bench`: every file on every backend with every number of threads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from skyserver.bench import Measured
from skyserver.cli import app
from skyserver.cli.bench import candidates, cells
from skyserver.model import default_file


def bench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_every_combination_is_measured_and_printed_as_json(
    tmp_path: Path, tiny_model: Path
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(tiny_model.read_bytes())
    result = bench(
        tiny_model, other, "--backend", "cpu", "--threads", 1, "--threads", 2, "--runs", 3, "--json"
    )
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["machine"]
    found = [(one["file"], one["backend"], one["threads"]) for one in said["candidates"]]
    assert found == [(str(file), "cpu", n) for file in (tiny_model, other) for n in (1, 2)]
    for one in said["candidates"]:
        assert len(one["seconds"]) == 3
        assert min(one["seconds"]) <= one["median"] <= one["p95"] <= max(one["seconds"])
        assert one["load_seconds"] > 0
        assert one["file_bytes"] == tiny_model.stat().st_size


def test_the_table_has_a_row_of_each_and_the_first_has_speed_one(tiny_model: Path) -> None:
    result = bench(tiny_model, "--backend", "cpu", "--threads", 1, "--runs", 2)
    assert result.exit_code == 0, result.output
    (row,) = [line.split() for line in result.stdout.splitlines() if "tiny.onnx" in line]
    assert (row[:3], row[-1]) == (["tiny.onnx", "cpu", "1"], "1.00")
    assert "in turns, 2 of each" in result.stdout


def test_without_a_file_it_is_the_default_model() -> None:
    (only,) = candidates(None, None, None)
    assert (str(only.file), only.backend, only.threads) == (str(default_file()), "auto", 0)


def test_memory_that_the_system_does_not_tell_is_said_so() -> None:
    one = Measured("a/b.onnx", "cpu", 0, 10**6, 0.5, None, (0.1, 0.2), 0.1)
    row = cells(one, one)
    assert (row["model"], row["threads"], row["MB"]) == ("b.onnx", "all", "1.0")
    assert row["memory MB"] == "not known here"
    assert row["median ms"] == "150.0"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["none.onnx"], 1, "none.onnx: cannot be read"),
        (["--backend", "tpu"], 2, "backend: 'tpu' is not allowed; allowed: auto, cpu"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    arguments: list[str], exit_code: int, words: str
) -> None:
    result = bench(*arguments)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr
