from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live import PATIENCE
from typer.testing import CliRunner
from web_client import SERVICE, call

from skyserver import site
from skyserver.cli import app
from skyserver.client import SkyClient
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.v1 import skyserver_pb2 as pb

SERVE = [sys.executable, "-m", "skyserver", "serve"]
LARGE = SkyRequest("Cu", outputs=(Output(size=4096),))


@contextmanager
def serving(model: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`skyserver serve` in a process of its own, and the address that it says it answers at."""
    process = subprocess.Popen(
        [*SERVE, "--port", "0", "--http-port", "0", "--model", str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            said = process.stdout.readline()
            yield process, re.search(r"answers at (127\.0\.0\.1:\d+) \(gRPC\) and http", said)[1]
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send these signals")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_a_live_call_end_and_then_the_server(tiny_model: Path, stop: int) -> None:
    with serving(tiny_model) as (process, address):

        def interrupt(stage: str, _done: float) -> None:
            if stage == "model":
                process.send_signal(stop)

        with SkyClient(address) as client:
            result = client.generate(LARGE, progress=interrupt)
        assert result.artifacts[0].width == 4096
        assert process.wait(PATIENCE) == 0
        lines = [json.loads(line) for line in process.stderr if line.startswith("{")]
    messages = [line["message"] for line in lines]
    assert messages[0] == f"{SkyModel.load(tiny_model).backend} draws tiny"
    assert messages.index("stopping: calls under way may end") < len(messages) - 1
    assert (lines[-1]["method"], lines[-1]["status"]) == ("Generate", "OK")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["--host", "0.0.0.0"], 2, "--insecure"),
        (["--port", "70000"], 2, "0 to 65535"),
        (["--http-port", "70000"], 2, "(--http-port): '70000' is not allowed; allowed: 0 to 65535"),
        (["--cors-origin", "example.org"], 2, "https://example.org"),
        (["--workers", "0"], 2, "1 to 64"),
        (["--model", "absent.onnx"], 1, "absent.onnx"),
        (["--backend", "tpu"], 2, "backend: 'tpu' is not allowed; allowed: auto, cpu"),
        (["--host", "192.0.2.1", "--insecure"], 2, "cannot listen on 192.0.2.1"),
        (["--port", "0", "--host", "192.0.2.1", "--insecure"], 2, "cannot listen on 192.0.2.1:0"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    tiny_model: Path, arguments: list[str], exit_code: int, words: str
) -> None:
    result = CliRunner().invoke(app, ["serve", "--model", str(tiny_model), *arguments])
    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr


def test_a_port_in_use_is_one_line(tiny_model: Path) -> None:
    with serving(tiny_model) as (first, address):
        port = address.rpartition(":")[2]
        second = subprocess.run(
            [*SERVE, "--port", port, "--no-http", "--model", str(tiny_model)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert second.stdout == ""
        assert len(second.stderr.splitlines()) == 1
        assert f"cannot listen on 127.0.0.1:{port}: " in second.stderr
        with SkyClient(address) as client:
            assert client.describe().models
        first.terminate()


def test_the_ready_line_names_both_addresses_and_both_answer(tiny_model: Path) -> None:
    command = [*SERVE, "--port", "0", "--http-port", "0", "--model", str(tiny_model)]
    with ready(command) as said:
        ports = re.search(
            r"answers at 127\.0\.0\.1:(\d+) \(gRPC\) and http://127\.0\.0\.1:(\d+)"
            r" \((?:web page, )?gRPC-Web\) with tiny; Ctrl\+C stops it$",
            said,
        )
        with SkyClient(f"127.0.0.1:{ports[1]}") as client:
            described = client.describe()
        answer = call(int(ports[2]), SERVICE + "Describe", b"")
        assert pb.DescribeResponse.FromString(answer.messages[0]) == described


def test_a_checkout_without_the_page_says_how_to_build_it(tiny_model: Path) -> None:
    without = (
        "from pathlib import Path; from skyserver import cli, site;"
        " site._BUILT = Path('absent'); cli.main()"
    )
    options = ["--port", "0", "--http-port", "0", "--model", str(tiny_model)]
    with subprocess.Popen(
        [sys.executable, "-c", without, "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert " (gRPC-Web) with tiny" in process.stdout.readline()
        process.terminate()
        messages = [json.loads(line)["message"] for line in process.stderr]
    assert site.NOT_BUILT in messages


def test_without_http_the_ready_line_names_one(tiny_model: Path) -> None:
    with ready([*SERVE, "--port", "0", "--no-http", "--model", str(tiny_model)]) as said:
        assert re.search(r"answers at 127\.0\.0\.1:\d+ with tiny; Ctrl", said)


def test_an_http_port_in_use_is_one_line(tiny_model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = subprocess.run(
            [*SERVE, "--port", "0", "--http-port", str(port), "--model", str(tiny_model)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1
    assert f"cannot listen on 127.0.0.1:{port}: " in refused.stderr


@contextmanager
def ready(command: list[str]) -> Iterator[str]:
    """Run a server inside the block and yield its first line."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        try:
            yield process.stdout.readline()
        finally:
            process.kill()
