"""A call that fails leaves nothing behind that only Python's search for garbage would free.

That search comes after so many objects, not so many bytes: a few hundred failed uploads could fill
any memory before it.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from live import PATIENCE, HeldDrawing, live_server, status_of, wait_until

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server import metrics
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

CALLS = 8
UPLOAD = os.urandom(2**20)  # no image
BOUND = CALLS * len(UPLOAD) // 2  # the last call may still be ending


@pytest.fixture
def server(tiny_model: Path) -> Iterator[SkyServerStub]:
    """It has a place for one call at a time."""
    config = ServerConfig(port=0, queue=0, cache_bytes=0)
    with (
        live_server([SkyModel.load(tiny_model, threads=1)], config) as address,
        grpc.insecure_channel(address) as channel,
    ):
        yield SkyServerStub(channel)


def kept_by(failing: Callable[[], None]) -> int:
    """Return the bytes that are still there after some calls, for want of a search for garbage."""
    failing()  # what the first one of its kind keeps for all
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(CALLS):
            failing()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize(
    "request_", [pb.ConvertRequest(images=[UPLOAD]), pb.ConvertRequest(images=[UPLOAD], kind=99)]
)
def test_an_upload_that_cannot_be_converted(
    server: SkyServerStub, request_: pb.ConvertRequest
) -> None:
    def fail() -> None:
        call = server.Convert(request_, timeout=PATIENCE)
        assert status_of(call)[0] is grpc.StatusCode.INVALID_ARGUMENT

    assert kept_by(fail) < BOUND


def test_an_upload_that_finds_no_place(server: SkyServerStub, held: HeldDrawing) -> None:
    drawing = server.Generate(pb.GenerateRequest(cloud="Cu"), timeout=PATIENCE)
    wait_until(lambda: held.begun)

    def fail() -> None:
        call = server.Convert(pb.ConvertRequest(images=[UPLOAD]), timeout=PATIENCE)
        assert status_of(call)[0] is grpc.StatusCode.RESOURCE_EXHAUSTED

    assert kept_by(fail) < BOUND
    drawing.cancel()


def work_until_cancelled(*arguments: object, **_limits: object) -> pipeline.Result:
    """Stands in for `pipeline.generate` and `convert`."""
    *_, progress, cancelled = arguments
    assert callable(progress)
    assert callable(cancelled)
    picture = bytearray(UPLOAD)
    progress("panorama", 0.0)
    while picture:
        cancelled()
    raise AssertionError


@pytest.mark.parametrize("method", ["Generate", "Convert"])
def test_a_call_whose_client_goes_away(
    server: SkyServerStub, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(pipeline, method.lower(), work_until_cancelled)
    request = {
        "Generate": pb.GenerateRequest(cloud="Cu"),
        "Convert": pb.ConvertRequest(images=[UPLOAD]),
    }[method]

    def leave() -> None:
        call = getattr(server, method)(request, timeout=PATIENCE)
        assert [next(call).progress.stage for _ in range(2)] == ["queue", "panorama"]
        call.cancel()
        wait_until(lambda: b"skyserver_queue_running 0.0" in metrics.exposition())

    assert kept_by(leave) < BOUND
