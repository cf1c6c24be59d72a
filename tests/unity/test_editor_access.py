"""The package's client and servers that do not let everybody in."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from certificates import Authority
from client_editor import ClientEditor
from live import live_ports
from token_file import FREE, ONE_A_MINUTE, UNKNOWN, write_tokens

from skyserver.model import SkyModel
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig


@pytest.fixture(scope="module")
def editor(client_exe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientEditor]:
    """Its user's settings lie in the project."""
    project = tmp_path_factory.mktemp("project")
    with ClientEditor(client_exe, project, XDG_CONFIG_HOME=str(project)) as editor:
        yield editor


@contextmanager
def serving_known(model: SkyModel, folder: Path, **config: object) -> Iterator[Ports]:
    """Serve those who have a token."""
    config |= {"port": 0, "http_port": 0, "tokens": write_tokens(folder)}
    with live_ports([model], ServerConfig(**config)) as ports:
        yield ports


def test_what_is_wrong_with_a_token_is_told(
    editor: ClientEditor, model: SkyModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving_known(model, tmp_path) as ports:
        address = f"http://127.0.0.1:{ports.http}"
        absent = editor.call("generate", address, "Cu")
        unknown = editor.call("generate", address, "Cu", token=UNKNOWN)
        known = editor.call("generate", address, "Cu", 128, token=FREE)
        first, over = (editor.call("describe", address, token=ONE_A_MINUTE) for _ in range(2))
    assert (absent.code, absent.reason) == ("Unauthenticated", "UNAUTHENTICATED")
    assert absent.message == (
        f"{address} asks for a token; enter yours in Project Settings > SkyServer."
    )
    assert (unknown.code, unknown.reason) == ("Unauthenticated", "UNAUTHENTICATED")
    assert unknown.message == (
        f"{address} does not know your token; correct it in Project Settings > SkyServer,"
        " or ask for a new one."
    )
    assert (known.kind, first.kind) == ("ok", "ok")
    assert (over.code, over.reason) == ("ResourceExhausted", "OVER_LIMIT")
    assert 50_000 < int(over.retry_ms) <= 60_000
    assert over.message.startswith("ben is over its limit of 1 calls a minute; try again in ")
    told = f"{absent}{unknown}{over}{caplog.text}{[vars(line) for line in caplog.records]}"
    assert not [token for token in (FREE, ONE_A_MINUTE, UNKNOWN) if token in told]


def trust(config: Path, authority: Authority) -> None:
    """Have Mono's user with these settings trust an authority; it is found by its name's hash."""
    store = config / ".mono/new-certs/Trust"
    store.mkdir(parents=True)
    hashing = ["openssl", "x509", "-noout", "-subject_hash_old"]
    hashed = subprocess.run(hashing, input=authority.pem, check=True, capture_output=True).stdout
    (store / f"{hashed.decode().strip()}.0").write_bytes(authority.pem)


def test_a_certificate_is_trusted_or_that_it_is_not_is_told(
    editor: ClientEditor, model: SkyModel, tmp_path: Path
) -> None:
    authority = Authority()
    files = authority.sign(tmp_path)
    tls = {"certificate": files.certificate, "key": files.key}
    with serving_known(model, tmp_path, **tls) as ports:
        address = f"https://localhost:{ports.http}"
        untrusted = editor.call("describe", address, token=FREE)
        trust(editor.project, authority)
        trusted = editor.call("describe", address, token=FREE)
        absent = editor.call("describe", address)
    assert (untrusted.code, untrusted.reason) == ("Unavailable", "SERVER_UNTRUSTED")
    assert untrusted.message.startswith(f"The certificate of {address} is not trusted on this")
    assert (trusted.kind, absent.reason) == ("ok", "UNAUTHENTICATED")
