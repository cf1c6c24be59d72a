"""Work stops within one stage once nobody waits for it, and its place becomes free."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from live import PATIENCE, HeldDrawing, live_server, status_of, wait_until

from skyserver import pipeline
from skyserver.client import SkyClient
from skyserver.errors import Busy, DeadlineExceeded
from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

CUMULUS = pb.GenerateRequest(cloud="Cu")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldDrawing:
    drawing = HeldDrawing()
    monkeypatch.setattr(pipeline, "generate", drawing)
    return drawing


@pytest.fixture
def address(tiny_model: Path, held: HeldDrawing) -> Iterator[str]:
    """One worker and nobody may wait: a place that is not freed is noticed at once."""
    model = SkyModel.load(tiny_model, threads=1)
    with live_server([model], ServerConfig(port=0, queue=0, grace=5)) as address:
        yield address
        held.gate.set()


@pytest.fixture
def statuses(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the server says its Generate calls ended with."""
    caplog.set_level(logging.INFO, "skyserver.server")

    def read() -> list[str]:
        facts = [getattr(record, "facts", {}) for record in caplog.records]
        return [line["status"] for line in facts if line.get("method") == "Generate"]

    return read


def begin(channel: grpc.Channel, held: HeldDrawing, timeout: float = PATIENCE) -> grpc.Call:
    """Ask for a sky and return once its first stage runs."""
    call = SkyServerStub(channel).Generate(CUMULUS, timeout=timeout)
    wait_until(lambda: held.begun == ["model"])
    return call


def assert_place_is_free(address: str, held: HeldDrawing) -> None:
    """The next caller gets a sky, and the work before went no further than its first stage."""
    held.gate.set()

    def drawn() -> bool:
        try:
            return client.generate(SkyRequest("Cu")).artifacts[0].data == b"sky"
        except Busy:
            return False

    with SkyClient(address) as client:
        wait_until(drawn)
    assert held.begun == ["model", *pipeline.STAGES]


def test_a_cancelled_call_stops_within_one_stage(
    address: str, held: HeldDrawing, statuses: Callable[[], list[str]]
) -> None:
    with grpc.insecure_channel(address) as channel:
        call = begin(channel, held)
        assert call.cancel()
        wait_until(lambda: statuses() == ["CANCELLED"])
        assert_place_is_free(address, held)


def test_a_caller_that_disappears_stops_its_work(
    address: str, held: HeldDrawing, statuses: Callable[[], list[str]]
) -> None:
    with grpc.insecure_channel(address) as channel:
        begin(channel, held)
    wait_until(lambda: statuses() == ["CANCELLED"])
    assert_place_is_free(address, held)


def test_work_stops_when_the_callers_deadline_passes(
    address: str, held: HeldDrawing, statuses: Callable[[], list[str]]
) -> None:
    with grpc.insecure_channel(address) as channel:
        call = begin(channel, held, timeout=0.5)
        assert status_of(call)[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    wait_until(lambda: statuses() == ["DEADLINE_EXCEEDED"])
    assert_place_is_free(address, held)


def test_a_client_learns_of_its_deadline(address: str) -> None:
    with SkyClient(address) as client, pytest.raises(DeadlineExceeded):
        client.generate(SkyRequest("Cu"), timeout=0.3)


@pytest.mark.parametrize("how", ["cancel", "disappear", "deadline"])
def test_a_caller_that_leaves_amid_the_answer_is_no_defect(
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    statuses: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    """The answer is larger than what a connection buffers, so that a write waits for its reader."""
    bulky = HeldDrawing(data=bytes(32 * 2**20))
    bulky.gate.set()
    monkeypatch.setattr(pipeline, "generate", bulky)
    model = SkyModel.load(tiny_model, threads=1)
    with live_server([model], ServerConfig(port=0)) as address:
        with grpc.insecure_channel(address) as channel:
            call = SkyServerStub(channel).Generate(
                CUMULUS, timeout=1 if how == "deadline" else None
            )
            assert any(event.HasField("artifact") for event in call)
            if how == "cancel":
                call.cancel()
            if how == "deadline":
                wait_until(statuses)
        wait_until(statuses)
    # a client whose deadline is over cancels, and the server may hear of it before it knows
    allowed = {"DEADLINE_EXCEEDED", "CANCELLED"} if how == "deadline" else {"CANCELLED"}
    assert len(statuses()) == 1
    assert set(statuses()) <= allowed
    assert [record.levelname for record in caplog.records if record.name != "asyncio"] == ["INFO"]
