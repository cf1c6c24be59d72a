"""TLS at both ports, with gRPC's and Python's own clients."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from certificates import Authority, Files
from live import PATIENCE, live_ports, live_server
from web_client import SERVICE, call

from skyserver.errors import InvalidField
from skyserver.model import SkyModel
from skyserver.server import app
from skyserver.server.config import ServerConfig
from skyserver.server.grpcweb import Bridge
from skyserver.server.tls import Tls
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

DESCRIBE = SERVICE + "Describe"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Files:
    return authority.sign(tmp_path)


def config(files: Files, **more: object) -> ServerConfig:
    return ServerConfig(port=0, http_port=0, certificate=files.certificate, key=files.key, **more)


def native(port: int, credentials: grpc.ChannelCredentials) -> pb.DescribeResponse:
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        return SkyServerStub(channel).Describe(pb.DescribeRequest(), timeout=PATIENCE)


def web(port: int, context: ssl.SSLContext) -> pb.DescribeResponse:
    (message,) = call(port, DESCRIBE, b"", tls=context).messages
    return pb.DescribeResponse.FromString(message)


def test_both_ports_speak_tls_and_nothing_else(
    model: SkyModel, authority: Authority, server: Files
) -> None:
    with live_ports([model], config(server)) as ports:
        described = native(ports.grpc, authority.channel_credentials())
        assert described.models[0].name == "tiny"
        assert web(ports.http, authority.client_context()) == described
        with (
            grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel,
            pytest.raises(grpc.RpcError) as refused,
        ):
            SkyServerStub(channel).Describe(pb.DescribeRequest(), timeout=PATIENCE)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        with pytest.raises(ConnectionError):
            call(ports.http, DESCRIBE, b"")


@pytest.mark.parametrize(("host", "warnings"), [("0.0.0.0", 1), ("127.0.0.1", 0)])
def test_insecure_is_a_warning_where_others_reach_it(
    model: SkyModel, host: str, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    with live_server([model], ServerConfig(host=host, port=0, insecure=True)):
        said = [record for record in caplog.records if record.levelname == "WARNING"]
    assert ["insecure" in record.getMessage() for record in said] == [True] * warnings


def test_a_page_of_the_server_itself_may_call_over_tls(
    model: SkyModel, authority: Authority, server: Files
) -> None:
    with live_ports([model], config(server)) as ports:
        context = authority.client_context()
        own, foreign = f"https://127.0.0.1:{ports.http}", f"http://127.0.0.1:{ports.http}"
        assert call(ports.http, DESCRIBE, b"", tls=context, origin=own).status == (0, "")
        assert call(ports.http, DESCRIBE, b"", tls=context, origin=foreign).http_status == 403


def test_mutual_tls_asks_for_a_certificate_of_the_authority(
    model: SkyModel, authority: Authority, server: Files, tmp_path: Path
) -> None:
    ours = authority.sign(tmp_path, "client")
    strangers = Authority().sign(tmp_path, "stranger")
    with live_ports([model], config(server, client_ca=authority.file(tmp_path))) as ports:
        described = native(ports.grpc, authority.channel_credentials(ours))
        assert web(ports.http, authority.client_context(ours)) == described
        for own in (None, strangers):
            with pytest.raises(grpc.RpcError):
                native(ports.grpc, authority.channel_credentials(own))
            with pytest.raises((ssl.SSLError, ConnectionError)):
                web(ports.http, authority.client_context(own))


def test_the_bridges_own_port_is_no_way_round_mutual_tls(
    model: SkyModel,
    authority: Authority,
    server: Files,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[str] = []

    class Seen(Bridge):
        def __init__(self, address: str, *rest: Any) -> None:
            found.append(address)
            super().__init__(address, *rest)

    monkeypatch.setattr(app, "Bridge", Seen)
    ours = authority.sign(tmp_path, "client")
    with live_ports([model], config(server, client_ca=authority.file(tmp_path))) as ports:
        assert web(ports.http, authority.client_context(ours)).models
        with grpc.insecure_channel(found[0]) as channel:
            for metadata in ([], [("skyserver-bridge", "guessed 127.0.0.1")]):
                with pytest.raises(grpc.RpcError) as refused:
                    SkyServerStub(channel).Describe(pb.DescribeRequest(), metadata=metadata)
                assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def presented(port: int, authority: Authority) -> str:
    """The common name on the certificate that a port presents to a client that names no server."""
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.load_verify_locations(cadata=authority.pem.decode())
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
        trusting.wrap_socket(plain) as encrypted,
    ):
        assert ssl.DER_cert_to_PEM_cert(encrypted.getpeercert(binary_form=True)) == pem
        return dict(entry[0] for entry in encrypted.getpeercert()["subject"])["commonName"]


def test_new_connections_get_a_new_certificate_and_old_ones_go_on(
    model: SkyModel,
    authority: Authority,
    server: Files,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with live_ports([model], config(server)) as ports:
        both = (ports.grpc, ports.http)
        assert [presented(port, authority) for port in both] == ["server"] * 2
        address = f"127.0.0.1:{ports.grpc}"
        with grpc.secure_channel(address, authority.channel_credentials()) as old:
            SkyServerStub(old).Describe(pb.DescribeRequest())
            renewed = authority.sign(tmp_path, "renewed")
            renewed.certificate.replace(server.certificate)
            assert [presented(port, authority) for port in both] == ["server"] * 2
            assert "before stays in use" in caplog.text
            renewed.key.replace(server.key)
            assert [presented(port, authority) for port in both] == ["renewed"] * 2
            SkyServerStub(old).Describe(pb.DescribeRequest())


def _half(files: Files) -> None:
    files.key.write_bytes(Authority().sign(files.key.parent, "other").key.read_bytes())


def _no_certificate(files: Files) -> None:
    files.certificate.write_bytes(files.key.read_bytes())


def _no_key(files: Files) -> None:
    files.key.write_text("no key")


def _absent(files: Files) -> None:
    files.certificate.unlink()


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (_half, "key"),
        (_no_key, "key"),
        (_no_certificate, "certificate"),
        (_absent, "certificate"),
    ],
)
def test_a_pair_that_is_none_is_named(
    server: Files, spoil: Callable[[Files], None], field: str
) -> None:
    spoil(server)
    with pytest.raises(InvalidField) as caught:
        Tls(server.certificate, server.key, None)
    assert caught.value.field == str(getattr(server, field))


@pytest.mark.parametrize(("days", "reason"), [(-1, "expired"), (90, "not yet valid")])
def test_a_certificate_that_is_not_valid_today_is_named(
    authority: Authority, tmp_path: Path, days: int, reason: str
) -> None:
    files = authority.sign(tmp_path, days=days)
    with pytest.raises(InvalidField, match=reason) as caught:
        Tls(files.certificate, files.key, None)
    assert caught.value.field == str(files.certificate)


def test_an_authority_that_is_none_is_named(server: Files) -> None:
    with pytest.raises(InvalidField) as caught:
        Tls(server.certificate, server.key, server.key)
    assert caught.value.field == str(server.key)
