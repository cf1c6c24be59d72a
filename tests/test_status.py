from __future__ import annotations

import pickle

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from skyserver import errors
from skyserver.status import DETAILS_KEY, PUSHBACK_KEY, REASONS, from_status, to_status

EXAMPLES = [
    (errors.SkyServerError("it broke"), "INTERNAL"),
    (errors.InvalidField("psi", 3.0, "0.0 to 1.0"), "INVALID_ARGUMENT"),
    (errors.UnreadableImage("images[0]", "2 bytes", "a PNG, JPEG or WebP"), "INVALID_ARGUMENT"),
    (errors.NotFound("cloud", "Xx", ["Ac (altocumulus)", "Cu (cumulus)"]), "NOT_FOUND"),
    (errors.Busy("the queue is full", 1.25), "RESOURCE_EXHAUSTED"),
    (errors.OverLimit("anna is over its limit", 1.25), "RESOURCE_EXHAUSTED"),
    (errors.DeadlineExceeded("too late"), "DEADLINE_EXCEEDED"),
    (errors.Cancelled("the caller went away"), "CANCELLED"),
    (errors.ModelError("sky.onnx: external data"), "FAILED_PRECONDITION"),
    (errors.MissingExtra("exr needs OpenEXR: pip install skyserver[hdr]"), "FAILED_PRECONDITION"),
    (errors.OutputError("out: cannot be written"), "FAILED_PRECONDITION"),
    (errors.Unauthenticated("a token is needed"), "UNAUTHENTICATED"),
    (errors.PermissionDenied("anna lacks the permission admin"), "PERMISSION_DENIED"),
    (errors.CannotListen("127.0.0.1:1: taken"), "UNAVAILABLE"),
    (errors.ServerUnavailable("127.0.0.1:1: nobody"), "UNAVAILABLE"),
]


def tree(kind: type) -> set[type]:
    return {kind}.union(*(tree(child) for child in kind.__subclasses__()))


def test_every_error_has_a_reason_and_an_example() -> None:
    ours = {kind for kind in tree(errors.SkyServerError) if kind.__module__ == "skyserver.errors"}
    assert set(REASONS.values()) == ours
    assert {type(error) for error, _ in EXAMPLES} == ours


@pytest.mark.parametrize(("error", "code"), EXAMPLES)
def test_an_error_survives_the_wire(error: errors.SkyServerError, code: str) -> None:
    status, message, trailing = to_status(error)
    assert status is grpc.StatusCode[code]
    back = from_status(status, message, trailing)
    assert type(back) is type(error)
    assert str(back) == str(error)
    expected = {
        key: v if key in ("known", "retry_after") else str(v) for key, v in vars(error).items()
    }
    assert vars(back) == expected


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES])
def test_an_error_survives_a_process_border(error: errors.SkyServerError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert (str(back), vars(back)) == (str(error), vars(error))


@pytest.mark.parametrize(("error", "code"), EXAMPLES)
def test_the_usual_library_reads_the_details(error: errors.SkyServerError, code: str) -> None:
    _, message, trailing = to_status(error)
    status = status_pb2.Status.FromString(dict(trailing)[DETAILS_KEY])
    assert status.code == grpc.StatusCode[code].value[0]
    assert status.message == message
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert REASONS[info.reason] is type(error)
    if isinstance(error, errors.Busy):
        retry = error_details_pb2.RetryInfo()
        assert status.details[1].Unpack(retry)
        assert retry.retry_delay.ToMilliseconds() == 1250
        assert dict(trailing)[PUSHBACK_KEY] == "1250"


def test_the_id_of_the_call_goes_with_its_error() -> None:
    status, message, trailing = to_status(errors.ModelError("failed to draw"), "unity-42")
    details = status_pb2.Status.FromString(dict(trailing)[DETAILS_KEY]).details
    request = error_details_pb2.RequestInfo()
    assert details[1].Unpack(request)
    assert request.request_id == "unity-42"
    assert from_status(status, message, trailing).request_id == "unity-42"
    assert from_status(*to_status(errors.ModelError("failed to draw"))).request_id == ""


def test_a_long_message_fits_the_headers_of_a_client() -> None:
    known = [f"cloud number {index}" for index in range(1000)]
    _, message, trailing = to_status(errors.NotFound("cloud", "é" * 1000, known))
    encoded = len(message.encode()) * 3 + len(dict(trailing)[DETAILS_KEY]) * 4 / 3
    assert encoded < 8192


@given(st.sampled_from(list(grpc.StatusCode)), st.text(), st.binary())
def test_whatever_the_details_are_there_is_an_error(
    code: grpc.StatusCode, message: str, details: bytes
) -> None:
    assert isinstance(from_status(code, message, [(DETAILS_KEY, details)]), errors.SkyServerError)


def test_details_of_another_server_are_not_ours() -> None:
    info = error_details_pb2.ErrorInfo(reason="BUSY", domain="example.org")
    detail = Any()
    detail.Pack(info)
    details = status_pb2.Status(details=[detail]).SerializeToString()
    error = from_status(grpc.StatusCode.ABORTED, "try again", [(DETAILS_KEY, details)])
    assert type(error) is errors.SkyServerError
    assert str(error) == "ABORTED: try again"
