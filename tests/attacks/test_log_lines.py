"""Requests whose text is meant for the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from live import live_server, status_of, wait_until

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.server.log import JsonFormatter
from skyserver.v1 import admin_pb2
from skyserver.v1 import skyserver_pb2 as pb

TOKEN = "root-0123456789abcdef"
TEXT = 'x\n{"level": "error"}' * 10_000


@pytest.fixture(scope="module")
def channel(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.toml"
    tokens.write_text(f'[[token]]\nname = "root"\ntoken = "{TOKEN}"\nadmin = true\n')
    config = ServerConfig(port=0, tokens=tokens, models_dir=tokens.parent)
    model = SkyModel.load(tiny_model, threads=1)
    with live_server([model], config) as address, grpc.insecure_channel(address) as channel:
        yield channel


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("SkyServer/Generate", pb.GenerateRequest(cloud=TEXT)),
        ("SkyServer/Generate", pb.GenerateRequest(cloud="Cu", model=TEXT)),
        ("SkyServer/Generate", pb.GenerateRequest(cloud="Cu", mix_with=TEXT)),
        ("SkyServer/Generate", pb.GenerateRequest(cloud="Cu", below=TEXT)),
        ("SkyServer/Thumbnails", pb.ThumbnailsRequest(model=TEXT)),
        ("Admin/LoadModel", admin_pb2.LoadModelRequest(file=TEXT)),
        ("Admin/UnloadModel", admin_pb2.UnloadModelRequest(model=TEXT)),
    ],
    ids=["cloud", "model", "mix_with", "below", "thumbnails", "load", "unload"],
)
def test_no_request_fills_the_log(
    channel: grpc.Channel, caplog: pytest.LogCaptureFixture, method: str, request_: Message
) -> None:
    """A line of the log has a few hundred characters, whatever a request says."""
    caplog.set_level(logging.INFO, "skyserver.server")
    sent = [("authorization", f"Bearer {TOKEN}")]
    call = channel.unary_stream(f"/skyserver.v1.{method}")
    assert status_of(call(request_.SerializeToString(), metadata=sent))[0] in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
    )
    wait_until(lambda: any(record.getMessage() == "call" for record in caplog.records))
    for record in caplog.records:
        line = JsonFormatter().format(record)
        assert len(line) < 1000
        assert "\n" not in line
