"""Commands that ask a server with TLS, mutual TLS and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority, Files
from live import live_server
from typer.testing import CliRunner

from skyserver.cli import app
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

TOKEN = "anna-0123456789abcdef"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("remote")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def own(authority: Authority, folder: Path) -> Files:
    return authority.sign(folder, "client")


@pytest.fixture(scope="module")
def address(tiny_model: Path, authority: Authority, folder: Path) -> Iterator[str]:
    """A server that asks for everything."""
    files = authority.sign(folder)
    config = ServerConfig(
        port=0,
        certificate=files.certificate,
        key=files.key,
        client_ca=authority.file(folder),
        token=TOKEN,
    )
    with live_server([SkyModel.load(tiny_model, threads=1)], config) as address:
        yield address


@pytest.fixture
def options(address: str, folder: Path, own: Files) -> dict[str, str]:
    token = folder / "token"
    token.write_text(f"{TOKEN}\n")
    return {
        "--server": address,
        "--token-file": str(token),
        "--ca": str(folder / "ca.pem"),
        "--certificate": str(own.certificate),
        "--key": str(own.key),
    }


def run(command: list[str], options: dict[str, str]) -> tuple[int, str, str]:
    flat = [part for option in options.items() for part in option]
    result = CliRunner().invoke(app, [*command, *flat])
    return result.exit_code, result.stdout, result.stderr


def test_every_command_that_asks_a_server_gets_in(options: dict[str, str], tmp_path: Path) -> None:
    sky, again = tmp_path / "sky.png", tmp_path / "again.png"
    draw = ["generate", "--cloud", "Cu", "--size", "512", "-o", str(sky)]
    assert run(draw, options)[0] == 0
    assert run(["convert", str(sky), "--size", "512", "-o", str(again)], options)[0] == 0
    assert again.read_bytes().startswith(b"\x89PNG")
    assert json.loads(run(["models", "--json"], options)[1])[0]["name"] == "tiny"
    assert len(json.loads(run(["clouds", "--json"], options)[1])) == 11


def test_the_token_may_stand_in_the_environment(
    options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del options["--token-file"]
    code, _, said = run(["models"], options)
    assert code == 1
    assert said.startswith(
        "error: a token is needed, as the metadata authorization: Bearer TOKEN ("
    )
    monkeypatch.setenv("SKYSERVER_TOKEN", "another-0123456789")
    assert run(["models"], options)[2].startswith("error: the token is unknown here (request ")
    monkeypatch.setenv("SKYSERVER_TOKEN", TOKEN)
    assert run(["models"], options)[0] == 0


def test_a_server_of_a_foreign_authority_is_not_trusted(
    options: dict[str, str], tmp_path: Path
) -> None:
    options["--ca"] = str(Authority().file(tmp_path))
    code, _, said = run(["models"], options)
    assert code == 1
    assert "not trusted" in said
    options["--ca"] = "public"
    assert "not trusted" in run(["models"], options)[2]


def test_without_tls_nobody_answers(options: dict[str, str]) -> None:
    for option in ("--ca", "--certificate", "--key"):
        del options[option]
    code, _, said = run(["models"], options)
    assert code == 1
    assert "no SkyServer answers" in said


@pytest.mark.parametrize("option", ["--token-file", "--ca", "--certificate", "--key"])
def test_a_file_that_cannot_be_read_is_named(options: dict[str, str], option: str) -> None:
    options[option] = "absent.pem"
    code, _, said = run(["models"], options)
    assert code == 2
    assert said.startswith("error: absent.pem: ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("option", ["--ca", "--certificate", "--key"])
def test_a_file_that_is_something_else_is_named(
    options: dict[str, str], option: str, tmp_path: Path
) -> None:
    file = tmp_path / "other.pem"
    file.write_text("no certificate")
    options[option] = str(file)
    code, _, said = run(["models"], options)
    assert (code, len(said.splitlines())) == (2, 1)
    assert said.startswith(f"error: {file}: 'another file'")


def test_half_a_pair_is_named(options: dict[str, str]) -> None:
    del options["--key"]
    code, _, said = run(["models"], options)
    assert code == 2
    assert "--certificate and --key together" in said


def test_a_token_file_with_more_than_a_token_is_named(
    options: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "two"
    file.write_text("one-0123456789abcdef\ntwo-0123456789abcdef\n")
    options["--token-file"] = str(file)
    code, _, said = run(["models"], options)
    assert code == 2
    assert said.startswith(f"error: {file}: ")
    assert "0123456789" not in said
