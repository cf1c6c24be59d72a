"""What goes through the bridge is what native gRPC delivers, and it stops when nobody listens."""

from __future__ import annotations

import base64
import http.client
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
import web_client
from live import PATIENCE, HeldDrawing, live_ports, wait_until
from web_client import SERVICE, call, frame, post

from skyserver.errors import NotFound
from skyserver.model import SkyModel
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.status import DETAILS_KEY, from_status
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

CUMULUS = pb.GenerateRequest(cloud="Cu", seed=7, pictures=2, outputs=[pb.Output(size=512)])


@pytest.fixture
def ports(model: SkyModel) -> Iterator[Ports]:
    config = ServerConfig(
        port=0, http_port=0, queue=2, max_upload_bytes=2**20, grace=5, cache_bytes=0
    )
    with live_ports([model], config) as ports:
        yield ports


@pytest.fixture
def web(ports: Ports) -> int:
    assert ports.http is not None
    return ports.http


@pytest.fixture
def calls(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """Method and status of the calls that the server has logged."""
    caplog.set_level(logging.INFO, "skyserver.server")

    def read() -> list[tuple[str, str]]:
        facts = [getattr(record, "facts", {}) for record in caplog.records]
        return [(line["method"], line["status"]) for line in facts if "method" in line]

    return read


def native(port: int, request: pb.GenerateRequest) -> list[pb.SkyEvent]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return list(SkyServerStub(channel).Generate(request))


def without_times(events: list[pb.SkyEvent]) -> list[pb.SkyEvent]:
    for event in events:
        for stage in event.facts.stages:
            stage.seconds = 0
    return events


def sky_of(events: list[pb.SkyEvent]) -> list[pb.SkyEvent]:
    """All but the progress, of which one whose sky is kept hears nothing."""
    return [event for event in without_times(events) if not event.HasField("progress")]


@pytest.mark.parametrize("text", [False, True], ids=["binary", "text"])
def test_a_stream_is_that_of_native_grpc(ports: Ports, web: int, text: bool) -> None:
    answer = call(web, SERVICE + "Generate", CUMULUS.SerializeToString(), text=text)
    assert answer.status == (0, "")
    assert answer.headers["content-type"] == (web_client.TEXT if text else web_client.BINARY)
    events = [pb.SkyEvent.FromString(message) for message in answer.messages]
    assert without_times(events) == without_times(native(ports.grpc, CUMULUS))


@pytest.mark.parametrize("text", [False, True], ids=["binary", "text"])
def test_a_unary_call_has_one_message(ports: Ports, web: int, text: bool) -> None:
    answer = call(web, SERVICE + "Describe", b"", text=text)
    assert answer.status == (0, "")
    (message,) = answer.messages
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        described = SkyServerStub(channel).Describe(pb.DescribeRequest())
    assert pb.DescribeResponse.FromString(message) == described


def test_health_can_be_asked(web: int) -> None:
    assert call(web, "/grpc.health.v1.Health/Check", b"").messages == [b"\x08\x01"]  # SERVING


@pytest.mark.parametrize("text", [False, True], ids=["binary", "text"])
def test_an_error_is_that_of_native_grpc(web: int, text: bool) -> None:
    request = pb.GenerateRequest(cloud="Xx 雲")
    answer = call(web, SERVICE + "Generate", request.SerializeToString(), text=text)
    code, message = answer.status
    assert (answer.http_status, answer.messages) == (200, [])
    assert (code, message[:21]) == (5, "cloud: 'Xx 雲' is unkn")
    details = base64.b64decode(answer.trailers[DETAILS_KEY])
    error = from_status(grpc.StatusCode.NOT_FOUND, message, [(DETAILS_KEY, details)])
    assert isinstance(error, NotFound)
    assert (error.field, len(error.known)) == ("cloud", 11)


def test_an_error_amid_the_stream_comes_after_what_went_before(
    web: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_model: object, _request: object, progress: Callable[..., None], _: object) -> None:
        progress("model", 0.0)
        raise NotFound("cloud", "x", ["y"])

    monkeypatch.setattr("skyserver.pipeline.generate", fails)
    answer = call(web, SERVICE + "Generate", CUMULUS.SerializeToString())
    stages = [pb.SkyEvent.FromString(message).progress.stage for message in answer.messages]
    assert stages == ["queue", "model"]
    assert answer.status == (5, "cloud: 'x' is unknown; known: y")


def test_the_request_id_goes_through_and_comes_back(web: int) -> None:
    assert call(web, SERVICE + "Describe", b"", x_request_id="me").headers["x-request-id"] == "me"
    strange = call(web, SERVICE + "Describe", b"", x_request_id="\xe9")
    assert strange.status == (0, "")
    assert len(strange.headers["x-request-id"]) == 32


def test_the_token_reaches_the_server(web: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(context: grpc.aio.ServicerContext) -> str:
        seen.extend(context.invocation_metadata())
        return "id"

    monkeypatch.setattr("skyserver.server.guard._request_id", spy)
    call(web, SERVICE + "Describe", b"", authorization="Bearer abc", cookie="x=y")
    assert ("authorization", "Bearer abc") in seen
    assert not any(key == "cookie" for key, _ in seen)


def test_progress_arrives_as_it_happens(web: int, held: HeldDrawing) -> None:
    connection, response = begun(web)
    assert pb.SkyEvent.FromString(next_message(response)).progress.stage == "queue"
    assert pb.SkyEvent.FromString(next_message(response)).progress.stage == "model"
    assert held.begun == ["model"]
    held.gate.set()
    assert web_client.frames(response.read())[-1][1].startswith(b"grpc-status:0\r\n")
    connection.close()


def begun(web: int) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """Ask for a sky and read the headers alone."""
    connection = http.client.HTTPConnection("127.0.0.1", web, timeout=PATIENCE)
    body = frame(CUMULUS.SerializeToString())
    connection.request("POST", SERVICE + "Generate", body, {"content-type": web_client.BINARY})
    return connection, connection.getresponse()


def next_message(response: http.client.HTTPResponse) -> bytes:
    header = response.read(5)
    return response.read(int.from_bytes(header[1:], "big"))


def test_a_client_that_goes_away_stops_the_work(
    web: int, held: HeldDrawing, calls: Callable[[], list[tuple[str, str]]]
) -> None:
    connection, response = begun(web)
    wait_until(lambda: held.begun == ["model"])
    response.close()
    connection.close()
    wait_until(lambda: ("Generate", "CANCELLED") in calls())
    held.gate.set()
    call(web, SERVICE + "Describe", b"")
    assert held.begun == ["model"]


def test_a_client_that_goes_away_in_its_request_is_forgotten(web: int) -> None:
    with socket.create_connection(("127.0.0.1", web)) as client:
        head = f"POST {SERVICE}Describe HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n"
        client.sendall(f"{head}content-type: {web_client.BINARY}\r\n\r\n\0\0".encode())
    assert call(web, SERVICE + "Describe", b"").status == (0, "")


def test_the_deadline_of_the_client_holds(
    web: int, held: HeldDrawing, calls: Callable[[], list[tuple[str, str]]]
) -> None:
    answer = call(web, SERVICE + "Generate", CUMULUS.SerializeToString(), grpc_timeout="300m")
    assert answer.status[0] == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    wait_until(calls)
    assert calls() == [("Generate", "DEADLINE_EXCEEDED")]
    held.gate.set()


@pytest.mark.parametrize("timeout", ["99999999H", "1S"])
def test_a_deadline_that_is_kept_changes_nothing(web: int, timeout: str) -> None:
    assert call(web, SERVICE + "Describe", b"", grpc_timeout=timeout).status == (0, "")


@pytest.mark.parametrize(
    ("body", "headers", "complaint"),
    [
        (b"", {}, "request: b'' is not allowed; allowed: one gRPC-Web frame"),
        (frame(b"", flag=1), {}, "not compressed"),
        (frame(b"") * 2, {}, "one gRPC-Web frame"),
        (frame(b"\xff"), {}, "allowed: a message of the protocol"),
        (frame(b""), {"grpc-timeout": "soon"}, "grpc-timeout: 'soon' is not allowed"),
        (b"AAAAAA", {"content-type": web_client.TEXT}, "allowed: base64"),
    ],
)
def test_a_bad_request_is_an_invalid_argument(
    web: int, body: bytes, headers: dict[str, str], complaint: str
) -> None:
    answer = post(web, SERVICE + "Describe", body, **{"content-type": web_client.BINARY} | headers)
    code, message = answer.status
    assert code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert complaint in message
    assert DETAILS_KEY in answer.trailers


@pytest.mark.parametrize("text", [False, True], ids=["binary", "text"])
def test_a_request_that_is_too_large_is_told_so(web: int, text: bool) -> None:
    limit = ServerConfig(max_upload_bytes=2**20).max_message_bytes
    for size in (limit + 1, 5 * limit):
        answer = call(web, SERVICE + "Convert", bytes(size), text=text)
        assert answer.status[0] == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    largest = call(web, SERVICE + "Convert", b"\x0a" + bytes(limit - 1), text=text)
    assert largest.status[0] == grpc.StatusCode.INVALID_ARGUMENT.value[0]


def test_a_request_that_never_ends_is_given_up(model: SkyModel) -> None:
    config = ServerConfig(port=0, http_port=0, max_seconds=0.3)
    with (
        live_ports([model], config) as ports,
        socket.create_connection(("127.0.0.1", ports.http), PATIENCE) as client,
    ):
        head = f"POST {SERVICE}Describe HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n"
        client.sendall(f"{head}content-type: {web_client.BINARY}\r\n\r\n\0\0".encode())
        said = b""
        while not said.endswith(b"\r\n0\r\n\r\n"):
            said += client.recv(4096)
    assert b"grpc-status:4\r\n" in said


def test_a_reader_that_is_slow_gets_it_all(web: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far more than the connection buffers: the server waits for its reader."""
    bulky = HeldDrawing(data=bytes(range(256)) * 2**16)
    bulky.gate.set()
    monkeypatch.setattr("skyserver.pipeline.generate", bulky)
    connection, response = begun(web)
    wait_until(lambda: bulky.begun[-1:] == ["encode"])
    messages = [content for _, content in web_client.frames(response.read())]
    connection.close()
    data = b"".join(pb.SkyEvent.FromString(message).chunk for message in messages[:-1])
    assert data == bytes(range(256)) * 2**16


def test_64_streams_at_once_deliver_the_same_bytes(model: SkyModel) -> None:
    requests = [
        pb.GenerateRequest(cloud="Cu", seed=seed, pictures=1, outputs=[pb.Output(size=512)])
        for seed in range(4)
    ]
    config = ServerConfig(port=0, http_port=0, queue=64)
    with live_ports([model], config) as ports, ThreadPoolExecutor(64) as pool:
        expected = [sky_of(native(ports.grpc, request)) for request in requests]

        def ask(number: int) -> bool:
            index = number % len(requests)
            message = requests[index].SerializeToString()
            answer = call(ports.http, SERVICE + "Generate", message)
            events = [pb.SkyEvent.FromString(message) for message in answer.messages]
            return answer.status == (0, "") and sky_of(events) == expected[index]

        assert all(pool.map(ask, range(64)))
