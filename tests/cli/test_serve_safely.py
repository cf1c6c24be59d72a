"""`skyserver serve` with TLS and tokens: what it refuses, and what it says when it serves."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from certificates import Authority, Files
from typer.testing import CliRunner

from skyserver.cli import app
from skyserver.client import SkyClient
from skyserver.credentials import Credentials

TOKEN = "anna-0123456789abcdef"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def files(authority: Authority, tmp_path: Path) -> Files:
    return authority.sign(tmp_path)


def tls(files: Files) -> list[str]:
    return ["--certificate", str(files.certificate), "--key", str(files.key)]


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (lambda files, _: tls(files)[:2], "key: None"),
        (lambda files, _: tls(files)[2:], "certificate: None"),
        (lambda files, _: [*tls(files), "--client-ca", "absent.pem"], "absent.pem"),
        (lambda files, _: [*tls(files)[:3], str(files.certificate)], "server.pem: 'another file'"),
        (lambda _, folder: tls(Authority().sign(folder, days=-1)), "certificate has expired"),
        (lambda *_: ["--tokens", "absent.toml"], "absent.toml: "),
        (lambda _, folder: ["--tokens", written(folder / "t", "[[token]]")], "t: token 1: "),
        (lambda *_: ["--config", "absent.toml"], "absent.toml: "),
        (lambda _, folder: ["--config", written(folder / "c", "prt = 1")], "allowed: port, which"),
        (lambda files, _: ["--host", "0.0.0.0", *tls(files)], "host (--host): '0.0.0.0'"),
        (lambda *_: ["--host", "0.0.0.0", "--tokens", "t.toml"], "host (--host): '0.0.0.0'"),
    ],
)
def test_what_is_not_safe_is_one_line_and_nothing_listens(
    tiny_model: Path,
    files: Files,
    tmp_path: Path,
    arguments: Callable[[Files, Path], list[str]],
    words: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = ["serve", "--model", str(tiny_model), "--port", port, "--no-http"]
    result = CliRunner().invoke(app, [*command, *arguments(files, tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


def test_it_serves_other_machines_with_tls_and_tokens(
    tiny_model: Path, authority: Authority, files: Files, tmp_path: Path
) -> None:
    tokens = written(tmp_path / "tokens", f'[[token]]\nname = "anna"\ntoken = "{TOKEN}"\n')
    command = [sys.executable, "-m", "skyserver", "serve", "--model", str(tiny_model)]
    ports = ["--host", "0.0.0.0", "--port", "0", "--http-port", "0"]
    with subprocess.Popen(
        [*command, *ports, *tls(files), "--tokens", tokens],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.stdout.readline()
        port = re.search(r"0\.0\.0\.0:(\d+) \(gRPC\) and https://0\.0\.0\.0:\d+", said)[1]
        with SkyClient(f"127.0.0.1:{port}", Credentials(TOKEN, authority.pem)) as client:
            assert client.describe().models[0].name == "tiny"
        process.terminate()
        lines = [json.loads(line) for line in process.stderr]
    assert "is valid until" in lines[0]["message"]
    assert TOKEN not in str(lines)


def test_show_config_tells_every_value_and_its_origin_and_serves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYSERVER_TOKEN", TOKEN)
    monkeypatch.setenv("SKYSERVER_QUEUE", "3")
    file = written(tmp_path / "server.toml", "workers = 2\n")
    result = CliRunner().invoke(
        app, ["serve", "--show-config", "--config", file, "--cors-origin", "*", "--no-http"]
    )
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
    assert rows["queue"] == ["3", "SKYSERVER_QUEUE"]
    assert rows["workers"] == ["2", file]
    assert rows["cors_origins"] == ["*", "--cors-origin"]
    assert rows["http"] == ["False", "--http"]
    assert rows["host"] == ["127.0.0.1", "default"]
    assert rows["token"][-1] == "SKYSERVER_TOKEN"
    assert "0123456789" not in result.stdout
