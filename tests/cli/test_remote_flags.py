from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from skyserver.cli.remote import Remote
from skyserver.cli.remote_flags import with_remote_flags


def run(*arguments: str) -> tuple[Result, list[tuple[str, Remote | None, int]]]:
    """What a command with flags before and after `remote` got."""
    got = []

    @with_remote_flags
    def ask(what: str, remote: Remote | None = None, size: int = 7) -> None:
        """Ask."""
        got.append((what, remote, size))

    app = typer.Typer()
    app.command()(ask)
    return CliRunner().invoke(app, arguments), got


def test_the_server_that_the_flags_name() -> None:
    flags = ["--server", "sky.lan:1", "--token-file", "t", "--ca", "public"]
    _, got = run("sky", *flags, "--certificate", "c", "--key", "k", "--size", "8")
    remote = Remote("sky.lan:1", Path("t"), "public", Path("c"), Path("k"))
    assert got == [("sky", remote, 8)]


def test_without_the_flag_there_is_none() -> None:
    assert run("sky")[1] == [("sky", None, 7)]
    assert run("sky", "--ca", "public")[1] == [("sky", None, 7)]


def test_the_flags_stand_where_the_parameter_does() -> None:
    shown = run("--help")[0].stdout
    names = ["--server", "--token-file", "--ca", "--certificate", "--key", "--size"]
    places = [shown.index(f"{name} ") for name in names]
    assert places == sorted(places)
    assert "remote" not in shown
