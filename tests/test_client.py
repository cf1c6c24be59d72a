from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace

import grpc
import pytest

from skyserver import errors, messages
from skyserver.client import SkyClient
from skyserver.request import ConvertRequest, SkyRequest
from skyserver.status import to_status
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerServicer, add_SkyServerServicer_to_server

CUMULUS = SkyRequest(cloud="Cu", seed=7)
DATA = bytes(range(256))


def header(**changes: object) -> pb.SkyEvent:
    facts = {
        "name": "panorama.png",
        "media_type": "image/png",
        "size": len(DATA),
        "width": 2,
        "height": 1,
        "sha256": hashlib.sha256(DATA).digest(),
    }
    return pb.SkyEvent(artifact=pb.Artifact(**facts | changes))


def chunk(data: bytes) -> pb.SkyEvent:
    return pb.SkyEvent(chunk=data)


PROGRESS = pb.SkyEvent(progress=pb.Progress(stage="model", fraction=0.5))
FACTS = pb.SkyEvent(
    facts=pb.Facts(
        request=pb.GenerateRequest(cloud="Cu", model="digest", seed=7),
        stages=[pb.StageTime(stage="model", seconds=0.5)],
    )
)


class Scripted(SkyServerServicer):
    """A server that answers every call with what a test wants."""

    def __init__(
        self,
        answer: Callable[[grpc.ServicerContext], Iterator[pb.SkyEvent]] = lambda _: iter([]),
        protocol: int = 1,
        oldest_protocol: int = 1,
    ) -> None:
        self._answer = answer
        self._description = pb.DescribeResponse(
            server_version="9.9.9",
            protocol=protocol,
            oldest_protocol=oldest_protocol,
            limits=pb.Limits(max_upload_bytes=100),
        )
        self.requests: list[object] = []

    def Describe(self, request: object, context: object) -> pb.DescribeResponse:  # noqa: ARG002, N802
        return self._description

    def Generate(  # noqa: N802
        self, request: object, context: grpc.ServicerContext
    ) -> Iterator[pb.SkyEvent]:
        self.requests.append(request)
        yield from self._answer(context)

    Convert = Generate


@contextmanager
def serving(servicer: SkyServerServicer | None) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(2))
    if servicer is not None:
        add_SkyServerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def answered(*events: pb.SkyEvent) -> Scripted:
    return Scripted(lambda _: iter(events))


def test_chunks_become_artifacts() -> None:
    second = header(name="px.png", size=0, sha256=hashlib.sha256(b"").digest())
    seen = []
    server = answered(PROGRESS, header(), chunk(DATA[:100]), chunk(DATA[100:]), second, FACTS)
    with serving(server) as address, SkyClient(address) as client:
        result = client.generate(CUMULUS, progress=lambda *event: seen.append(event))
    assert [(artifact.name, artifact.data) for artifact in result.artifacts] == [
        ("panorama.png", DATA),
        ("px.png", b""),
    ]
    assert (result.artifacts[0].width, result.artifacts[0].height) == (2, 1)
    assert result.artifacts[0].media_type == "image/png"
    assert seen == [("model", 0.5)]
    assert result.seconds == {"model": 0.5}
    assert (result.request, result.model) == (CUMULUS, "digest")


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([], "ended too early"),
        ([header(), chunk(DATA)], "ended too early"),
        ([header(), chunk(DATA[:-1]), FACTS], "panorama.png arrived damaged"),
        ([header(), chunk(DATA[:-1] + b"x"), FACTS], "panorama.png arrived damaged"),
        ([header(), chunk(DATA), chunk(b"x"), FACTS], "did not announce"),
        ([chunk(DATA), FACTS], "did not announce"),
        ([header(name="../evil.png"), chunk(DATA), FACTS], "file name"),
        ([header(name="C:evil.png"), chunk(DATA), FACTS], "file name"),
        ([header(name=".bashrc"), chunk(DATA), FACTS], "file name"),
        ([header(name=""), chunk(DATA), FACTS], "file name"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(events: list[pb.SkyEvent], complaint: str) -> None:
    with (
        serving(answered(*events)) as address,
        SkyClient(address) as client,
        pytest.raises(errors.SkyServerError, match=complaint),
    ):
        client.generate(CUMULUS)


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidField("psi", "3", "0.0 to 1.0"),
        errors.UnreadableImage("images[0]", "3 bytes", "a PNG"),
        errors.NotFound("model", "x", ["default"]),
        errors.Busy("the queue is full", 1.25),
        errors.DeadlineExceeded("120 seconds are over"),
        errors.MissingExtra("exr needs OpenEXR"),
    ],
)
def test_errors_arrive_as_the_exceptions_they_were(error: errors.SkyServerError) -> None:
    def fail(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        yield PROGRESS
        code, message, trailing = to_status(error)
        context.set_trailing_metadata(trailing)
        context.abort(code, message)

    with serving(Scripted(fail)) as address, SkyClient(address) as client:
        with pytest.raises(type(error)) as caught:
            client.generate(CUMULUS)
        assert type(caught.value) is type(error)
        assert str(caught.value) == str(error)
        assert vars(caught.value) == vars(error)


def test_a_server_that_breaks_is_an_error_of_ours() -> None:
    def fail(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        context.abort(grpc.StatusCode.DATA_LOSS, "gone")
        yield

    with (
        serving(Scripted(fail)) as address,
        SkyClient(address) as client,
        pytest.raises(errors.SkyServerError, match="DATA_LOSS: gone"),
    ):
        client.generate(CUMULUS)


def test_a_call_that_is_lost_behind_a_proxy_is_one_line() -> None:
    def lose(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        yield header()
        context.abort(grpc.StatusCode.INTERNAL, "The actor died.\n\tpid: 7\n")

    with (
        serving(Scripted(lose)) as address,
        SkyClient(address) as client,
        pytest.raises(errors.ServerUnavailable, match=r"^[^\n]*: the call was lost on its way"),
    ):
        client.generate(CUMULUS)


@pytest.mark.parametrize(
    "given",
    ["", "localhost", "http://localhost:8080", "sky box:1", "::1", "localhost:99999", "[::1]"],
)
def test_what_is_no_address_is_refused_before_anybody_is_asked(given: str) -> None:
    with pytest.raises(errors.InvalidField, match=r"server: .* allowed: host:port, such as"):
        SkyClient(given)


@pytest.mark.parametrize("given", ["localhost:1", "127.0.0.1:1", "[::1]:1"])
def test_where_nobody_listens_nobody_answers(given: str) -> None:
    with pytest.raises(errors.ServerUnavailable, match="no SkyServer answers"):
        SkyClient(given)


def test_a_timeout_is_a_deadline() -> None:
    def slow(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        while context.is_active():
            yield PROGRESS

    with (
        serving(Scripted(slow)) as address,
        SkyClient(address) as client,
        pytest.raises(errors.DeadlineExceeded, match="not done in the time given"),
    ):
        client.generate(CUMULUS, timeout=0.2)


def test_a_progress_that_raises_cancels_the_call() -> None:
    states = []

    def endless(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        context.add_callback(lambda: states.append("over"))
        while context.is_active():
            yield PROGRESS

    def stop(_stage: str, _done: float) -> None:
        raise KeyboardInterrupt

    with (
        serving(Scripted(endless)) as address,
        SkyClient(address) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.generate(CUMULUS, progress=stop)
    assert states == ["over"]


def test_bad_requests_are_not_sent() -> None:
    server = Scripted()
    with serving(server) as address, SkyClient(address) as client:
        with pytest.raises(errors.InvalidField, match="psi"):
            client.generate(SkyRequest(cloud="Cu", psi=2))
        with pytest.raises(errors.InvalidField, match="size"):
            client.thumbnails(16)
        with pytest.raises(errors.InvalidField, match=r"101 bytes.*up to 100 bytes"):
            client.convert([bytes(51), bytes(50)], ConvertRequest())
    assert server.requests == []


def test_a_client_that_is_too_old_is_told() -> None:
    newer = messages.PROTOCOL + 1
    with (
        serving(Scripted(protocol=newer, oldest_protocol=newer)) as address,
        pytest.raises(errors.ServerUnavailable, match=r"9\.9\.9 needs a newer client"),
    ):
        SkyClient(address)


def test_a_server_that_is_too_old_is_told_apart() -> None:
    with (
        serving(Scripted(protocol=0, oldest_protocol=0)) as address,
        pytest.raises(errors.ServerUnavailable, match=r"9\.9\.9 is too old"),
    ):
        SkyClient(address)


def test_a_server_is_not_asked_for_what_it_does_not_know() -> None:
    server = answered(FACTS)
    with serving(server) as address, SkyClient(address) as client:
        assert client.generate(CUMULUS).artifacts == ()
        with pytest.raises(errors.ServerUnavailable, match=r"too old .*\(protocol 1, needed 2\)"):
            client.generate(replace(CUMULUS, mix_with="Ci"))
        with pytest.raises(errors.ServerUnavailable, match=r"too old .*\(protocol 1, needed 2\)"):
            client.thumbnails()
    assert len(server.requests) == 1


def test_a_call_that_finds_nobody_is_made_again() -> None:
    with (
        serving(answered(FACTS)) as address,
        socket.create_server(("127.0.0.1", 0)) as front,
        ThreadPoolExecutor(3) as pool,
    ):
        front.settimeout(10)
        asking = pool.submit(SkyClient, f"127.0.0.1:{front.getsockname()[1]}")
        for _ in range(2):
            front.accept()[0].close()
        client, server = front.accept()[0], socket.create_connection(split(address))
        for ends in ((client, server), (server, client)):
            pool.submit(pass_on, *ends)
        with asking.result() as known:
            assert known.describe().server_version == "9.9.9"


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    with source, suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


def test_a_call_that_is_lost_once_it_is_answered_is_not_made_again() -> None:
    def lose(context: grpc.ServicerContext) -> Iterator[pb.SkyEvent]:
        yield PROGRESS
        context.abort(grpc.StatusCode.UNAVAILABLE, "the connection is lost")

    server = Scripted(lose)
    with (
        serving(server) as address,
        SkyClient(address) as client,
        pytest.raises(errors.ServerUnavailable, match="no SkyServer answers"),
    ):
        client.generate(CUMULUS)
    assert len(server.requests) == 1


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(errors.ServerUnavailable, match=f"127.0.0.1:{port}: no SkyServer answers"):
        SkyClient(f"127.0.0.1:{port}")


def test_another_grpc_server_answers() -> None:
    with (
        serving(None) as address,
        pytest.raises(errors.ServerUnavailable, match="not a SkyServer"),
    ):
        SkyClient(address)


def test_a_port_that_takes_connections_and_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skyserver.client.DESCRIBE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(errors.ServerUnavailable, match=r"no answer within 0\.3 seconds"):
            SkyClient(f"127.0.0.1:{port}")
