from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import live_ports
from typer.testing import CliRunner, Result

from skyserver.cli import app
from skyserver.client import SkyClient
from skyserver.credentials import Credentials
from skyserver.errors import NotFound
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig

TOKEN = "token-of-anna-0123456789"


@pytest.fixture(scope="module")
def ports(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """A server that asks for a token, after two skies and one mistake of its caller."""
    tokens = tmp_path_factory.mktemp("top") / "tokens.toml"
    tokens.write_text(f'[[token]]\nname = "anna-of-top"\ntoken = "{TOKEN}"\n')
    model = SkyModel.load(tiny_model, threads=1)
    with live_ports([model], ServerConfig(port=0, http_port=0, tokens=tokens)) as ports:
        with SkyClient(f"127.0.0.1:{ports.grpc}", Credentials(TOKEN)) as client:
            for _ in range(2):
                client.generate(SkyRequest("Cu", outputs=(Output(size=1024),)))
            with pytest.raises(NotFound):
                client.generate(SkyRequest("Xx"))
        yield ports


def top(*arguments: str, token: str = TOKEN) -> Result:
    # wide, since the process's other tests have calls of every status in these figures
    environment = {"SKYSERVER_TOKEN": token, "COLUMNS": "400"}
    return CliRunner().invoke(app, ["top", *arguments], env=environment)


def test_it_shows_what_the_server_did(ports: Ports) -> None:
    shown = top("--server", f"127.0.0.1:{ports.http}", "--once")
    assert shown.exit_code == 0
    assert re.search(r"draws .*tiny \(\w+\)", shown.stdout)
    assert re.search(r"Generate .* ms .*NOT_FOUND [1-9]", shown.stdout)
    assert re.search(r"caller +calls /s\n", re.sub(r" +\n", "\n", shown.stdout))
    assert re.search(r"\nmodel +\d+ ms", shown.stdout.replace("\n ", "\n"))
    assert "0 at work, 0 wait" in shown.stdout
    assert TOKEN not in shown.output


@pytest.mark.parametrize("token", ["", "token-of-nobody-0123456789"])
def test_a_token_that_is_wrong_is_one_line(ports: Ports, token: str) -> None:
    refused = top("--server", f"127.0.0.1:{ports.http}", token=token)
    assert (refused.exit_code, refused.stdout) == (1, "")
    where = f"127.0.0.1:{ports.http}"
    assert refused.stderr == f"error: {where}: a token is needed that the server knows\n"


def test_a_token_is_not_sent_to_another_machine_in_the_open() -> None:
    refused = top("--server", "192.0.2.1:8080")
    assert refused.exit_code == 2
    assert "this machine, or TLS (--ca)" in refused.stderr


@pytest.mark.parametrize("server", ["127.0.0.1:9", "127.0.0.1:x", ""])
def test_a_server_that_is_not_there_is_one_line(server: str) -> None:
    refused = top("--server", server, token="")
    assert refused.exit_code == 1
    assert re.fullmatch(r"error: .*no SkyServer answers HTTP \(.+\)\n", refused.stderr)


def test_the_port_of_grpc_is_not_the_one(ports: Ports) -> None:
    refused = top("--server", f"127.0.0.1:{ports.grpc}")
    assert refused.exit_code == 1
    assert "no SkyServer answers HTTP" in refused.stderr
