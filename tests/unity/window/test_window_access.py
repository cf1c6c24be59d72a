"""The window and a server that lets in only those with a token."""

from __future__ import annotations

import logging

import grpc
import pytest
from gated_drawing import GatedDrawing
from live import live_ports, wait_until
from token_file import FREE, ONE_AT_ONCE, UNKNOWN, write_tokens
from window_editor import WindowEditor

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub


def test_a_token_is_asked_for_and_used_and_told_to_nobody_else(
    editor: WindowEditor,
    model: SkyModel,
    gated: GatedDrawing,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    tokens = write_tokens(tmp_path_factory.mktemp("server"))
    with live_ports([model], ServerConfig(port=0, http_port=0, tokens=tokens)) as ports:
        editor.open(f"http://127.0.0.1:{ports.http}", "Failed")
        assert "asks for a token" in editor.element("status")["text"]
        assert not editor.element("generate")["enabled"]
        editor.do("setting", "token", UNKNOWN)
        editor.until("Failed")
        assert "does not know your token" in editor.element("status")["text"]
        editor.do("setting", "token", FREE)
        editor.until("Ready")
        editor.do("thumbnails")

        editor.do("setting", "token", ONE_AT_ONCE)
        editor.until("Ready")
        with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
            metadata = (("authorization", f"Bearer {ONE_AT_ONCE}"),)
            elsewhere = SkyServerStub(channel).Generate(
                pb.GenerateRequest(cloud="Cu"), metadata=metadata
            )
            wait_until(lambda: gated.running)
            editor.do("click", "generate")
            editor.do("until-stage", "You are over your limit on the server: asking again in 1 s")
            editor.until("Failed")
            assert editor.report["message"].startswith("cleo is over its limit of 1 calls at once;")
            gated.gate.set()
            list(elsewhere)
        editor.generate()
    files = [path.read_bytes() for path in editor.project.rglob("*") if path.is_file()]
    told = f"{editor.report}{caplog.text}{b''.join(files)!r}"
    assert not [token for token in (FREE, ONE_AT_ONCE, UNKNOWN) if token in told]
