"""The window while servers come, go and are busy."""

from __future__ import annotations

import socket
from contextlib import closing

import grpc
from gated_drawing import GatedDrawing
from live import live_ports, wait_until
from window_editor import WindowEditor

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_without_a_server_the_window_says_what_to_do(editor: WindowEditor) -> None:
    editor.open(f"http://127.0.0.1:{free_port()}", "Disconnected")
    assert "start it" in editor.element("status")["text"]
    assert not editor.element("generate")["enabled"]
    assert editor.element("start-server")["shown"]
    assert not editor.element("stop-server")["shown"]


def test_a_server_that_comes_goes_and_comes_back_is_found(
    editor: WindowEditor, model: SkyModel, gated: GatedDrawing
) -> None:
    config = ServerConfig(port=0, http_port=free_port(), grace=0.1)
    editor.open(f"http://127.0.0.1:{config.http_port}", "Disconnected")
    with live_ports([model], config):
        editor.until("Ready")
        assert "tiny" in editor.element("status")["text"]
        editor.do("click", "generate")
        wait_until(lambda: gated.running)
    editor.until("Disconnected")
    assert editor.report["failed"]
    assert editor.report["message"]
    assert not editor.element("generate")["enabled"]
    assert editor.assets() == set()
    gated.gate.set()
    with live_ports([model], config):
        editor.until("Failed")  # connected, with the message still there to be read
        assert editor.element("generate")["enabled"]
        editor.generate()
        assert editor.report["message"].startswith("Made Assets/")


def test_a_busy_server_is_asked_again(editor: WindowEditor, model, gated: GatedDrawing) -> None:
    with live_ports([model], ServerConfig(port=0, http_port=0, queue=0)) as ports:
        with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
            other = SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Cu"))
            wait_until(lambda: gated.running)
            # Only now: the thumbnails that a window asks for would take the one place.
            editor.open(f"http://127.0.0.1:{ports.http}")
            editor.do("click", "generate")
            editor.do("until-stage", "The server is busy")
            assert editor.element("progress")["text"].startswith("The server is busy: asking again")
            gated.gate.set()
            list(other)
        editor.until("Ready")
    assert len(editor.report["history"]) == 1
