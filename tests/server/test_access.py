"""Tokens over the wire: who gets in, with what, and that nobody learns one."""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from certificates import Authority
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from live import PATIENCE, HeldDrawing, has_ipv6, live_ports, status_of, wait_until
from web_client import BINARY, SERVICE, Answer, call, frame, post

from skyserver.model import SkyModel
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.server.listener import address_of
from skyserver.server.log import JsonFormatter
from skyserver.v1 import admin_pb2, admin_pb2_grpc
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

ANNA, ROOT, UNKNOWN = "anna-0123456789abcdef", "root-0123456789abcdef", "nobody-0123456789abcdef"
CUMULUS = pb.GenerateRequest(cloud="Cu", outputs=[pb.Output(size=512)])
FILE = f"""
[[token]]
name = "anna"
token = "{ANNA}"
concurrency = 1

[[token]]
name = "root"
token = "{ROOT}"
admin = true
"""

Metadata = list[tuple[str, str]]


def sent(token: str) -> Metadata:
    return [("authorization", f"Bearer {token}")] if token else []


@pytest.fixture
def ports(model: SkyModel, tmp_path: Path) -> Iterator[Ports]:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(FILE)
    config = ServerConfig(port=0, http_port=0, tokens=tokens, max_upload_bytes=2**20)
    with live_ports([model], config) as ports:
        yield ports


@pytest.fixture
def channel(ports: Ports) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield channel


def web(ports: Ports, method: str, message: bytes, token: str) -> Answer:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return call(ports.http, SERVICE + method, message, **headers)


def get(ports: Ports, path: str, token: str = "") -> str:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{ports.http}{path}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("token", "words"), [("", "a token is needed"), (UNKNOWN, "the token is unknown here")]
)
def test_a_stranger_learns_nothing_else(
    ports: Ports, channel: grpc.Channel, token: str, words: str
) -> None:
    methods = ["/skyserver.v1.SkyServer/Generate", "/skyserver.v1.Admin/LoadModel", "/no/Method"]
    for method in methods:
        answer = channel.unary_stream(method)(b"no message", metadata=sent(token))
        code, message = status_of(answer)
        assert code is grpc.StatusCode.UNAUTHENTICATED
        assert words in message
        assert {key for key, _ in answer.initial_metadata()} == {"x-request-id"}
    for method in ("Describe", "Generate"):
        answer = web(ports, method, b"", token)
        assert answer.messages == []
        assert answer.status[0] == grpc.StatusCode.UNAUTHENTICATED.value[0]
        assert words in answer.status[1]
    question = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    answer = reflection.ServerReflectionInfo(question, metadata=sent(token))
    assert status_of(answer)[0] is grpc.StatusCode.UNAUTHENTICATED


def test_a_strangers_upload_is_not_read(ports: Ports) -> None:
    """More than the server takes from anybody: a known caller would be told so."""
    upload = bytes(3 * 2**20)
    answer = web(ports, "Convert", upload, UNKNOWN)
    assert answer.status[0] == grpc.StatusCode.UNAUTHENTICATED.value[0]
    answer = web(ports, "Convert", upload, ANNA)
    assert answer.status[0] == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]


def test_a_token_opens_both_ports(ports: Ports, channel: grpc.Channel) -> None:
    described = SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=sent(ANNA))
    answer = web(ports, "Describe", b"", ANNA)
    assert pb.DescribeResponse.FromString(answer.messages[0]) == described
    question = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    assert next(stub.ServerReflectionInfo(question, metadata=sent(ANNA)))


def test_who_watches_the_server_needs_none(ports: Ports, channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert (get(ports, "/healthz"), get(ports, "/readyz")) == ("ok", "ok")


@pytest.mark.parametrize("token", ["", UNKNOWN])
def test_metrics_are_for_those_who_have_a_token(ports: Ports, token: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(ports, "/metrics", token)
    assert refused.value.code == 401
    assert refused.value.headers["www-authenticate"] == "Bearer"
    refused.value.close()
    assert "skyserver_" in get(ports, "/metrics", ANNA)


def test_each_caller_is_told_its_own_limits(channel: grpc.Channel) -> None:
    stub = SkyServerStub(channel)
    limits = [
        stub.Describe(pb.DescribeRequest(), metadata=sent(token)).limits for token in (ANNA, ROOT)
    ]
    assert [(one.concurrency, one.requests_per_minute) for one in limits] == [(1, 0), (0, 0)]


def test_administration_is_a_permission_of_its_own(channel: grpc.Channel) -> None:
    stub = admin_pb2_grpc.AdminStub(channel)
    request = admin_pb2.UnloadModelRequest(model="absent")
    with pytest.raises(grpc.RpcError) as caught:
        stub.UnloadModel(request, metadata=sent(ANNA))
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "admin" in caught.value.details()
    with pytest.raises(grpc.RpcError) as caught:
        stub.UnloadModel(request, metadata=sent(ROOT))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_nobody_administrates_a_server_without_tokens(model: SkyModel) -> None:
    with (
        live_ports([model], ServerConfig(port=0, http=False)) as ports,
        grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        admin_pb2_grpc.AdminStub(channel).UnloadModel(admin_pb2.UnloadModelRequest())
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_a_client_over_its_limit_is_told_when_to_ask_again_and_others_go_on(
    ports: Ports, channel: grpc.Channel, held: HeldDrawing
) -> None:
    stub = SkyServerStub(channel)
    drawing = stub.Generate(CUMULUS, metadata=sent(ANNA))
    assert next(drawing).progress.stage == "queue"
    refused = stub.Generate(CUMULUS, metadata=sent(ANNA))
    text = "anna is over its limit of 1 calls at once"
    assert status_of(refused) == (grpc.StatusCode.RESOURCE_EXHAUSTED, text)
    info, retry, *_ = rpc_status.from_call(refused).details
    reason, delay = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert info.Unpack(reason)
    assert retry.Unpack(delay)
    assert reason.reason == "OVER_LIMIT"
    assert delay.retry_delay.ToMilliseconds() > 0
    assert web(ports, "Describe", b"", ANNA).status == (8, text)
    assert web(ports, "Describe", b"", ROOT).status == (0, "")
    held.gate.set()
    assert status_of(drawing)[0] is grpc.StatusCode.OK
    wait_until(lambda: web(ports, "Describe", b"", ANNA).status == (0, ""))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_without_tokens_an_address_is_one_client_at_both_ports(model: SkyModel, host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    config = ServerConfig(host=host, port=0, http_port=0, requests_per_minute=1)
    with live_ports([model], config) as ports:
        with grpc.insecure_channel(address_of(host, ports.grpc)) as channel:
            assert SkyServerStub(channel).Describe(pb.DescribeRequest()).models
        connection = http.client.HTTPConnection(host, ports.http, timeout=PATIENCE)
        connection.request("POST", SERVICE + "Describe", frame(b""), {"content-type": BINARY})
        answer = connection.getresponse().read()
        connection.close()
    assert b"grpc-status:8" in answer
    assert b"anonymous is over its limit of 1 calls a minute" in answer


def test_a_token_is_in_no_log_error_or_metric(
    ports: Ports,
    channel: grpc.Channel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("skyserver.pipeline.generate", fail)
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for token in (ANNA, ROOT, UNKNOWN):
        for request in (CUMULUS, pb.GenerateRequest(cloud="Xx")):
            answer = SkyServerStub(channel).Generate(request, metadata=sent(token))
            status_of(answer)
            said += [repr(answer.initial_metadata()), repr(answer.trailing_metadata())]
            said += [str(web(ports, "Generate", request.SerializeToString(), token))]
        headers = {"authorization": f"Bearer {token}", "content-type": BINARY}
        said += [str(post(ports.http, "/nothing", frame(b""), **headers))]
    wait_until(lambda: sum(record.getMessage() == "call" for record in caplog.records) >= 12)
    said += [JsonFormatter().format(record) for record in caplog.records]
    said += [get(ports, "/metrics", ROOT)]
    assert '"anna"' in "".join(said)
    assert not [line for line in said if "0123456789" in line]


def image(events: list[pb.SkyEvent]) -> bytes:
    return b"".join(event.chunk for event in events)


def test_every_way_in_gives_the_same_bytes(model: SkyModel, tmp_path: Path) -> None:
    authority = Authority()
    files = authority.sign(tmp_path)
    context, request = authority.client_context(), CUMULUS.SerializeToString()
    plain = ServerConfig(port=0, http_port=0, cache_bytes=0)
    encrypted = ServerConfig(
        port=0,
        http_port=0,
        cache_bytes=0,
        certificate=files.certificate,
        key=files.key,
        token=ANNA,
    )
    pictures: list[bytes] = []
    for config, tls, token in ((plain, None, ""), (encrypted, context, ANNA)):
        with live_ports([model], config) as ports:
            address = f"127.0.0.1:{ports.grpc}"
            with (
                grpc.insecure_channel(address)
                if tls is None
                else grpc.secure_channel(address, authority.channel_credentials())
            ) as channel:
                pictures.append(
                    image(list(SkyServerStub(channel).Generate(CUMULUS, metadata=sent(token))))
                )
            headers = {"authorization": f"Bearer {token}"} if token else {}
            for text in (False, True):
                answer = call(
                    ports.http, SERVICE + "Generate", request, text=text, tls=tls, **headers
                )
                pictures.append(image([pb.SkyEvent.FromString(one) for one in answer.messages]))
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures == [pictures[0]] * 6
