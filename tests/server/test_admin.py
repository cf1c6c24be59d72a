"""Models come and go while a server works."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import grpc
import onnx
import pytest
from live import PATIENCE, live_ports, wait_until
from web_client import call

from skyserver import messages, pipeline
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.v1 import admin_pb2
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.admin_pb2_grpc import AdminStub
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

ADMIN, ARTIST = "the-token-of-an-admin", "the-token-of-an-artist"
TOKENS = f"""
[[token]]
name = "admin"
token = "{ADMIN}"
admin = true
[[token]]
name = "artist"
token = "{ARTIST}"
"""
CUMULUS = SkyRequest("Cu", pictures=1, outputs=(Output(size=512),))


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    """Two models of one name that draw different skies, and the file of tokens."""
    shutil.copy(tiny_model, tmp_path / "one.onnx")
    other = onnx.load(tiny_model)
    weights = next(one for one in other.graph.initializer if one.name == "weights")
    changed = -onnx.numpy_helper.to_array(weights)
    weights.CopyFrom(onnx.numpy_helper.from_array(changed, "weights"))
    onnx.save(other, tmp_path / "two.onnx")
    (tmp_path / "tokens.toml").write_text(TOKENS)
    return tmp_path


@pytest.fixture
def ports(model: SkyModel, folder: Path) -> Iterator[Ports]:
    config = ServerConfig(
        port=0, http_port=0, models_dir=folder, tokens=folder / "tokens.toml", queue=50
    )
    with live_ports([model], config) as ports:
        yield ports


@pytest.fixture
def channel(ports: Ports) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield channel


def load(channel: grpc.Channel, file: str, token: str = ADMIN) -> admin_pb2.ModelsResponse:
    request = admin_pb2.LoadModelRequest(file=file)
    return AdminStub(channel).LoadModel(request, metadata=bearer(token), timeout=PATIENCE)


def test_no_call_is_dropped_and_each_ends_with_the_model_it_began_with(
    channel: grpc.Channel, folder: Path
) -> None:
    models = {one.info.digest: one for one in map(SkyModel.load, folder.glob("*.onnx"))}
    stub, stop = SkyServerStub(channel), Event()
    skies: list[tuple[str, int, bytes]] = []  # digest of the model, seed, image

    def draw(worker: int) -> None:
        seed = 1000 * worker
        while not stop.is_set():
            seed += 1
            request = messages.from_sky_request(replace(CUMULUS, seed=seed), "")
            events = list(stub.Generate(request, metadata=bearer(ARTIST), timeout=PATIENCE))
            data = b"".join(event.chunk for event in events)
            skies.append((events[-1].facts.request.model, seed, data))

    with ThreadPoolExecutor(4) as artists:
        drawing = [artists.submit(draw, worker) for worker in range(4)]
        try:
            for file in ("two.onnx", "one.onnx", "two.onnx"):
                (served,) = load(channel, file).models
                wait_until(lambda wanted=served.digest: skies and skies[-1][0] == wanted)
        finally:
            stop.set()
        for one in drawing:
            one.result(PATIENCE)  # or the error of a call that was dropped
    assert {digest for digest, _, _ in skies} == set(models)
    for digest, seed, data in [*skies[:3], *skies[-3:]]:
        sky = pipeline.generate(models[digest], replace(CUMULUS, seed=seed))
        assert data == sky.artifacts[0].data


def test_the_page_is_told_of_the_model_that_is_served(
    ports: Ports, channel: grpc.Channel, folder: Path
) -> None:
    def told() -> list[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{ports.http}/models.json") as answer:
            return [model["digest"] for model in json.load(answer)["models"]]

    before = told()
    (served,) = load(channel, "two.onnx").models
    assert told() == [served.digest] != before
    file = urllib.request.urlopen(f"http://127.0.0.1:{ports.http}/models/{served.digest}.onnx")
    with file:
        assert file.read() == (folder / "two.onnx").read_bytes()


def test_only_an_admin_changes_the_models(channel: grpc.Channel, model: SkyModel) -> None:
    for token, code in ((ARTIST, "PERMISSION_DENIED"), ("nobody's-token", "UNAUTHENTICATED")):
        with pytest.raises(grpc.RpcError) as refused:
            load(channel, "two.onnx", token)
        assert refused.value.code() is grpc.StatusCode[code]
        unload = AdminStub(channel).UnloadModel
        with pytest.raises(grpc.RpcError) as refused:
            unload(admin_pb2.UnloadModelRequest(model="tiny"), metadata=bearer(token))
        assert refused.value.code() is grpc.StatusCode[code]
    described = SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=bearer(ARTIST))
    assert [one.digest for one in described.models] == [model.info.digest]


def test_grpc_web_does_not_carry_these_calls(ports: Ports) -> None:
    request = admin_pb2.LoadModelRequest(file="two.onnx").SerializeToString()
    path = "/skyserver.v1.Admin/LoadModel"
    answer = call(ports.http, path, request, authorization=f"Bearer {ADMIN}")
    assert answer.http_status == 404
