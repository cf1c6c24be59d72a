"""The local server, started and stopped from the editor with a real Python."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from client_editor import ClientEditor
from fault_answers import description, reply
from fault_servers import says, serving
from live import wait_until

QUICK_SERVER = Path(__file__).parent / "quick_server.py"


@pytest.fixture
def editor(client_exe: Path, tmp_path: Path) -> Iterator[ClientEditor]:
    with ClientEditor(client_exe, tmp_path) as editor:
        editor.ask("set", "python", sys.executable)
        yield editor


@pytest.fixture
def port(editor: ClientEditor) -> int:
    """A free one, which the settings name."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    editor.ask("set", "address", f"http://127.0.0.1:{port}")
    return port


@pytest.fixture
def quick(editor: ClientEditor, tmp_path: Path) -> None:
    """The server is one that starts at once and only describes itself."""
    (tmp_path / "answer").write_bytes(reply(description()))
    launcher = tmp_path / "quick"
    launcher.write_text(
        '#!/bin/sh\n[ "$3" = --version ] && echo "skyserver 9.8.7" && exit\n'
        f'exec {sys.executable} -ES {QUICK_SERVER} {tmp_path}/answer "$@"\n'
    )
    launcher.chmod(0o755)
    editor.ask("set", "python", launcher)


def servers(port: int) -> list[int]:
    """The processes that were told to serve at this port."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if words[-3:-1] == [b"--http-port", str(port).encode()]:
                found.append(int(folder.name))
    return found


def test_it_lives_on_through_a_reload(editor: ClientEditor, port: int) -> None:
    running = f"The local server answers at 127.0.0.1:{port}."
    editor.local("start")
    assert editor.wait_for("Running") == running
    assert editor.call("describe", f"http://127.0.0.1:{port}").kind == "ok"
    (process,) = servers(port)
    editor.reload()
    assert editor.wait_for("Running") == running
    assert servers(port) == [process]
    editor.local("stop")
    assert editor.wait_for("Stopped") == "The local server is not running."
    wait_until(lambda: not servers(port))


def test_a_folder_of_the_project_is_not_taken_for_the_server(
    editor: ClientEditor, port: int, tmp_path: Path
) -> None:
    (tmp_path / "skyserver").mkdir()
    (tmp_path / "skyserver" / "__init__.py").write_text("raise SystemExit('not the server')")
    editor.local("start")
    assert editor.wait_for("Running") == f"The local server answers at 127.0.0.1:{port}."


@pytest.mark.usefixtures("quick")
def test_the_main_thread_is_never_held_for_10_ms(editor: ClientEditor, port: int) -> None:
    """What the package holds it for is the same each time; the machine may add to one of them."""
    rounds = []
    for _ in range(4):  # in the first one Mono compiles
        started = editor.local("start")
        editor.wait_for("Running")
        stopped = editor.local("stop")
        editor.wait_for("Stopped")
        wait_until(lambda: not servers(port))
        rounds.append((started, stopped, float(editor.ask("slowest-frame"))))
    assert all(min(held) < 10 for held in zip(*rounds, strict=True)), rounds


def test_a_reload_amid_the_start_does_not_lose_it(editor: ClientEditor, port: int) -> None:
    editor.local("start")
    wait_until(lambda: servers(port))
    editor.reload()
    editor.wait_for("Running")
    assert len(servers(port)) == 1


def test_it_ends_with_the_editor(client_exe: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ClientEditor(client_exe, tmp_path) as editor:
        editor.ask("set", "python", sys.executable)
        editor.ask("set", "address", f"http://127.0.0.1:{port}")
        editor.local("start")
        editor.wait_for("Running")
        editor.reload()
        editor.wait_for("Running")
    wait_until(lambda: not servers(port))


@pytest.mark.usefixtures("quick")
def test_its_death_is_noticed_and_it_can_be_started_again(editor: ClientEditor, port: int) -> None:
    for reload in (False, True):
        editor.local("start")
        editor.wait_for("Running")
        (process,) = servers(port)
        if reload:
            editor.reload()
            editor.wait_for("Running")
        os.kill(process, signal.SIGKILL)
        assert editor.wait_for("Failed") == "The local server ended by itself; start it again."


def test_a_stop_amid_the_start_leaves_nothing(editor: ClientEditor, port: int) -> None:
    editor.local("start")
    wait_until(lambda: servers(port))
    editor.local("stop")
    editor.wait_for("Stopped")
    wait_until(lambda: not servers(port))


def test_a_server_that_answers_already_is_left_alone(editor: ClientEditor, port: int) -> None:
    with serving(says(reply(description()))) as address:
        editor.ask("set", "address", address)
        editor.local("start")
        message = editor.wait_for("External")
    assert message.startswith("SkyServer 9.8.7 answers at 127.0.0.1:")
    assert not servers(port)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "is not a SkyServer"),
        (reply(description(protocol=1)), "is too old for this package"),
    ],
)
def test_a_port_that_is_taken(editor: ClientEditor, answer: bytes, words: str) -> None:
    with serving(says(answer)) as address:
        editor.ask("set", "address", address)
        editor.local("start")
        assert words in editor.wait_for("Failed")


def test_a_server_that_cannot_start_says_why(editor: ClientEditor, port: int) -> None:
    with socket.socket() as taken:  # bound, but nobody answers
        taken.bind(("127.0.0.1", port))
        editor.local("start")
        message = editor.wait_for("Failed")
    assert message.startswith("The local server did not start: ")
    assert f"cannot listen on 127.0.0.1:{port}" in message


def test_only_this_machine_has_a_local_server(editor: ClientEditor) -> None:
    editor.ask("set", "address", "http://192.0.2.1:8080")
    editor.local("start")
    assert "http://127.0.0.1:8080" in editor.wait_for("Failed")


def test_a_python_without_skyserver(editor: ClientEditor, port: int, tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho 'No module named skyserver' >&2\nexit 1\n")
    bare.chmod(0o755)
    editor.ask("set", "python", bare)
    editor.local("start")
    message = editor.wait_for("Failed")
    assert f"{bare} cannot run skyserver (No module named skyserver)" in message
    assert "install skyserver there" in message
    assert not servers(port)


def test_a_python_in_the_project_is_found(editor: ClientEditor, port: int) -> None:
    editor.ask("set", "python", "")
    (editor.project / ".venv" / "bin").mkdir(parents=True)
    launcher = editor.project / ".venv" / "bin" / "python"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    launcher.chmod(0o755)
    editor.local("start")
    editor.wait_for("Running")
    assert len(servers(port)) == 1


def test_a_search_that_is_stopped_leaves_no_process(
    editor: ClientEditor, port: int, tmp_path: Path
) -> None:
    slow = tmp_path / "python"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/id\nexec sleep 600\n")
    slow.chmod(0o755)
    editor.ask("set", "python", slow)
    editor.local("start")
    wait_until(lambda: (tmp_path / "id").exists() and (tmp_path / "id").read_text())
    process = Path("/proc") / (tmp_path / "id").read_text().strip()
    editor.reload()
    wait_until(lambda: not process.exists())
    assert not servers(port)
