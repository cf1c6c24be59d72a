"""What can be found wrong before a cluster is asked for anything."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skyserver.cli import app
from skyserver.cluster.replicas import Replicas

HAS_RAY = importlib.util.find_spec("ray") is not None


def run(*arguments: str):
    return CliRunner().invoke(app, ["cluster", "--insecure", *arguments])


def assert_one_line(result, exit_code: int, words: str) -> None:
    assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["--min-replicas", "0"], 2, "min_replicas: 0 is not allowed; allowed: 1 to 10000"),
        (["--min-replicas", "5"], 2, "min_replicas: 5 is not allowed; allowed: up to 4"),
        (["--cpus", "0"], 2, "cpus: 0.0 is not allowed; allowed: 0.1 to 1024"),
        (["--gpus", "-1"], 2, "gpus: -1.0 is not allowed; allowed: 0 to 64"),
        (["--port", "70000"], 2, "port (--port): 70000 is not allowed; allowed: 0 to 65535"),
        (["--model", "absent.onnx"], 1, "absent.onnx: cannot be read"),
        (["--config", "absent.toml"], 2, "absent.toml"),
    ],
)
def test_what_cannot_be_deployed_is_one_line(
    arguments: list[str], exit_code: int, words: str
) -> None:
    assert_one_line(run(*arguments), exit_code, words)


def test_nobody_is_let_in_unencrypted_unasked() -> None:
    result = CliRunner().invoke(app, ["cluster"])
    assert_one_line(result, 2, "insecure: False is not allowed; allowed: true: Ray's ingress")


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed")
def test_without_ray_it_says_what_to_install() -> None:
    assert_one_line(run(), 2, "pip install skyserver[cluster]")


@pytest.mark.skipif(not HAS_RAY, reason="needs Ray, which is not installed")
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:x", "127.0.0.1:{free}", ":1"])
@pytest.mark.parametrize("command", ["cluster", "--down"])
def test_an_address_that_answers_nothing(address: str, command: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = address.format(free=probe.getsockname()[1])
        result = run("--address", address, *(["--down"] if command == "--down" else []))
    assert_one_line(result, 2, "address: ")


def test_the_arguments_in_a_config_file_of_ray() -> None:
    """Ray reads them with pydantic's own method."""
    read = Replicas.model_validate({"max_replicas": 8, "gpus": 0.25, "models": ["/models/a.onnx"]})
    assert (read.min_replicas, read.max_replicas, read.gpus) == (1, 8, 0.25)
    assert read.models == (Path("/models/a.onnx"),)
