from __future__ import annotations

import logging
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from live import HeldDrawing, live_server, status_of, wait_until

from skyserver import errors, pipeline
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

CUMULUS = pb.GenerateRequest(cloud="Cu")


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.facts for record in caplog.records if record.getMessage() == "call"]


def returned_id(channel: grpc.Channel, *metadata: tuple[str, str]) -> str:
    call = SkyServerStub(channel).Describe.with_call(pb.DescribeRequest(), metadata=metadata)[1]
    return dict(call.initial_metadata())["x-request-id"]


def test_a_harmless_request_id_comes_back(channel: grpc.Channel) -> None:
    assert returned_id(channel, ("x-request-id", "unity-42_a.b")) == "unity-42_a.b"


@pytest.mark.parametrize("bad", ["", "a b", 'x", "status": "OK', "a" * 65])
def test_any_other_request_id_is_replaced(channel: grpc.Channel, bad: str) -> None:
    first, second = (returned_id(channel, ("x-request-id", bad)) for _ in range(2))
    assert bad not in (first, second)
    assert len(first) == len(second) == 32
    assert first != second


def test_the_request_id_comes_back_with_an_error_too(channel: grpc.Channel) -> None:
    call = SkyServerStub(channel).Generate(pb.GenerateRequest(), metadata=[("x-request-id", "me")])
    assert call.code() is grpc.StatusCode.NOT_FOUND
    assert dict(call.initial_metadata())["x-request-id"] == "me"
    _, detail = rpc_status.from_call(call).details
    request = error_details_pb2.RequestInfo()
    assert detail.Unpack(request)
    assert request.request_id == "me"


def test_every_call_leaves_one_line(
    channel: grpc.Channel, held: HeldDrawing, caplog: pytest.LogCaptureFixture
) -> None:
    held.gate.set()
    caplog.set_level(logging.INFO, "skyserver.server")
    list(SkyServerStub(channel).Generate(CUMULUS, metadata=[("x-request-id", "one")]))
    refused = SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Xx"))
    assert status_of(refused)[0] is grpc.StatusCode.NOT_FOUND
    wait_until(lambda: len(lines(caplog)) == 2)
    drawn, unknown = lines(caplog)
    assert drawn["request_id"] == "one"
    assert (drawn["method"], drawn["status"], drawn["cloud"]) == ("Generate", "OK", "Cu")
    assert list(drawn["stage_ms"]) == ["queue", *pipeline.STAGES]
    assert drawn["stage_ms"]["model"] == 500
    assert drawn["ms"] > 0
    assert unknown["status"] == "NOT_FOUND"
    assert "'Xx' is unknown" in unknown["error"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidField("psi", 3, "0 to 1"), grpc.StatusCode.INVALID_ARGUMENT),
        (errors.UnreadableImage("images[0]", 3, "a PNG"), grpc.StatusCode.INVALID_ARGUMENT),
        (errors.NotFound("cloud", "x", ["Cu"]), grpc.StatusCode.NOT_FOUND),
        (errors.Busy("full", 2), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (errors.DeadlineExceeded("late"), grpc.StatusCode.DEADLINE_EXCEEDED),
        (errors.Cancelled("gone"), grpc.StatusCode.CANCELLED),
        (errors.ModelError("model x: failed"), grpc.StatusCode.FAILED_PRECONDITION),
        (errors.MissingExtra("exr needs OpenEXR"), grpc.StatusCode.FAILED_PRECONDITION),
        (errors.OutputError("out: full"), grpc.StatusCode.FAILED_PRECONDITION),
        (errors.ServerUnavailable("nobody"), grpc.StatusCode.UNAVAILABLE),
        (errors.SkyServerError("broken"), grpc.StatusCode.INTERNAL),
    ],
)
def test_every_error_becomes_its_status(
    channel: grpc.Channel,
    monkeypatch: pytest.MonkeyPatch,
    error: errors.SkyServerError,
    code: grpc.StatusCode,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "generate", fail)
    assert status_of(SkyServerStub(channel).Generate(CUMULUS)) == (code, str(error))
    assert SkyServerStub(channel).Describe(pb.DescribeRequest()).models


def test_a_full_queue_says_when_to_ask_again(channel: grpc.Channel, held: HeldDrawing) -> None:
    """As the usual library for rich errors, and a gRPC library that retries, read it."""
    stub = SkyServerStub(channel)
    admitted = [stub.Generate(pb.GenerateRequest(cloud="Cu", seed=n)) for n in (1, 2, 3)]
    assert [next(call).progress.stage for call in admitted] == ["queue"] * 3
    refused = stub.Generate(CUMULUS)
    code, message = status_of(refused)
    assert (code, message) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "the queue is full (3 requests)")
    info, retry, _ = rpc_status.from_call(refused).details
    reason, delay = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert info.Unpack(reason)
    assert retry.Unpack(delay)
    assert (reason.reason, reason.domain) == ("BUSY", "skyserver")
    milliseconds = delay.retry_delay.ToMilliseconds()
    assert 100 <= milliseconds <= 60_000
    assert dict(refused.trailing_metadata())["grpc-retry-pushback-ms"] == str(milliseconds)
    held.gate.set()
    assert [status_of(call)[0] for call in admitted] == [grpc.StatusCode.OK] * 3


def test_a_defect_tells_the_caller_its_request_id_and_the_log_the_rest(
    channel: grpc.Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret path")

    monkeypatch.setattr(pipeline, "generate", fail)
    caplog.set_level(logging.INFO, "skyserver.server")
    call = SkyServerStub(channel).Generate(CUMULUS, metadata=[("x-request-id", "me")])
    assert status_of(call) == (grpc.StatusCode.INTERNAL, "internal error, request me")
    wait_until(lambda: lines(caplog))
    defect = next(record for record in caplog.records if record.exc_info)
    assert defect.facts == {"request_id": "me"}
    assert "secret path" in str(defect.exc_info[1])


def test_a_call_that_takes_longer_than_the_server_allows_ends(
    model: SkyModel, held: HeldDrawing
) -> None:
    with (
        live_server([model], ServerConfig(port=0, max_seconds=0.3)) as address,
        grpc.insecure_channel(address) as channel,
    ):
        code, message = status_of(SkyServerStub(channel).Generate(CUMULUS))
        assert code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert "0.3 seconds" in message
        held.gate.set()
    assert held.begun == ["model"]
