from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skyserver.cli import app
from skyserver.model import SkyModel


def run(*arguments: str | Path):
    return CliRunner().invoke(app, ["generate", "--cloud", "Cu", *map(str, arguments)])


def test_many_skies_and_what_is_said_of_them(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "skies"
    asked = ["--model", tiny_model, "--size", "512", "--jobs", "1", "-o", folder]
    assert (
        run(*asked, "--count", "2").stdout
        == f"{folder / 'manifest.jsonl'}  2 skies, 2 of them new\n"
    )
    said = json.loads(run(*asked, "--count", "3", "--json").stdout)
    assert (said["skies"], said["new"]) == (3, 1)
    assert said["model"] == SkyModel.load(tiny_model).info.digest
    assert said["request"]["outputs"][0]["size"] == 512


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--count", "0"], "count: 0 is not allowed; allowed: 1 to "),
        (["--count", "2", "--jobs", "0"], "jobs: '0' is not allowed; allowed: 1 to "),
        (["--count", "2", "--jobs", "many"], "or ray"),
        (["--count", "2", "--server", "127.0.0.1:1"], "server: '127.0.0.1:1' is not allowed"),
        (["--count", "2", "--cloud", "fog"], "cloud: 'fog' is unknown"),
        (["--count", "2", "--format", "gif"], "output.format: 'gif'"),
        (["--jobs", "2"], "jobs: '2' is not allowed; allowed: with --count alone"),
    ],
)
def test_wrong_commands_are_one_line_and_leave_nothing(
    tmp_path: Path, tiny_model: Path, arguments: list[str], words: str
) -> None:
    output = tmp_path / "sky.png"
    result = run("--model", tiny_model, "-o", output, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []
