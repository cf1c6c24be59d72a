"""Who is let in at the HTTP port, and how it closes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from live import PATIENCE, HeldDrawing, live_ports, wait_until
from web_client import BINARY, SERVICE, call, frame, post

from skyserver.errors import ServerUnavailable
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb

PAGE = "https://example.org"
DESCRIBE = SERVICE + "Describe"
CUMULUS = pb.GenerateRequest(cloud="Cu").SerializeToString()


@pytest.fixture
def web(model: SkyModel) -> Iterator[int]:
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        yield ports.http


@pytest.fixture
def open_web(model: SkyModel) -> Iterator[int]:
    config = ServerConfig(port=0, http_port=0, cors_origins=(PAGE,))
    with live_ports([model], config) as ports:
        yield ports.http


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("POST", "/skyserver.v1.SkyServer", {"content-type": BINARY}, 404),
        ("POST", SERVICE + "Paint", {"content-type": BINARY}, 404),
        ("POST", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", {}, 404),
        ("GET", DESCRIBE, {}, 405),
        ("PUT", DESCRIBE, {"content-type": BINARY}, 405),
        ("OPTIONS", DESCRIBE, {}, 405),
        ("POST", DESCRIBE, {}, 415),
        ("POST", DESCRIBE, {"content-type": "application/json"}, 415),
        ("POST", DESCRIBE, {"content-type": "application/grpc-web+json"}, 415),
        ("POST", DESCRIBE, {"content-type": "application/grpc"}, 415),
    ],
)
def test_everything_else_is_refused(
    web: int, verb: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert post(web, path, frame(b""), verb, **headers).http_status == status
    assert call(web, DESCRIBE, b"").status == (0, "")


@pytest.mark.parametrize("said", [b"\0\xff\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /"])
def test_what_is_no_http_harms_nobody(web: int, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web), PATIENCE) as client:
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        client.recv(4096)
    assert call(web, DESCRIBE, b"").status == (0, "")


def test_web_pages_are_kept_out(web: int) -> None:
    asked = {"access-control-request-method": "POST"}
    preflight = post(web, DESCRIBE, b"", "OPTIONS", origin=PAGE, **asked)
    assert preflight.http_status == 403
    assert not any(name.startswith("access-control") for name in preflight.headers)
    assert call(web, DESCRIBE, b"", origin=PAGE).http_status == 403
    assert call(web, DESCRIBE, b"", origin="null").http_status == 403


def test_pages_of_an_origin_that_is_named_are_let_in(open_web: int) -> None:
    preflight = post(open_web, DESCRIBE, b"", "OPTIONS", origin=PAGE)
    assert preflight.http_status == 204
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert preflight.headers["access-control-allow-methods"] == "POST"
    allowed = preflight.headers["access-control-allow-headers"].split(", ")
    assert {"content-type", "x-grpc-web", "grpc-timeout", "authorization"} <= set(allowed)
    assert {"traceparent", "tracestate"} <= set(allowed)
    answer = call(open_web, DESCRIBE, b"", origin=PAGE)
    assert answer.status == (0, "")
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "grpc-status" in answer.headers["access-control-expose-headers"]
    assert answer.headers["vary"] == "origin"
    assert call(open_web, DESCRIBE, b"", origin=PAGE + ".evil").http_status == 403
    assert "access-control-allow-origin" not in call(open_web, DESCRIBE, b"").headers


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "192.0.2.7"])
def test_the_servers_own_page_is_let_in(web: int, name: str) -> None:
    own = f"{name}:{web}"
    assert call(web, DESCRIBE, b"", host=own, origin=f"http://{own}").status == (0, "")
    assert post(web, "/nothing", b"", "GET", host=own).http_status == 404
    for other in (f"http://{name}:1", f"https://{own}", f"http://{own}.evil", "http://evil"):
        assert call(web, DESCRIBE, b"", host=own, origin=other).http_status == 403


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", ""])
def test_a_page_whose_name_resolves_to_this_machine_is_kept_out(web: int, name: str) -> None:
    rebound = f"{name}:{web}"
    assert call(web, DESCRIBE, b"", host=rebound, origin=f"http://{rebound}").http_status == 403
    for path in ("/", "/models.json", "/nothing"):
        answer = post(web, path, b"", "GET", host=rebound)
        assert (answer.http_status, answer.messages) == (403, [])
    assert call(web, DESCRIBE, b"", host=rebound).status == (0, "")  # no browser: it has no page


def test_a_name_that_is_an_origin_let_in_has_the_page_too(open_web: int) -> None:
    assert post(open_web, "/nothing", b"", "GET", host="example.org").http_status == 404
    assert post(open_web, "/nothing", b"", "GET", host="example.com").http_status == 403


def test_all_pages_can_be_let_in(model: SkyModel) -> None:
    config = ServerConfig(port=0, http_port=0, cors_origins=("*",))
    with live_ports([model], config) as ports:
        assert call(ports.http, DESCRIBE, b"", origin="null").status == (0, "")


def test_the_port_can_be_switched_off(model: SkyModel) -> None:
    with live_ports([model], ServerConfig(port=0, http=False)) as ports:
        assert ports.http is None


def test_a_port_in_use_is_refused_in_one_line(model: SkyModel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerUnavailable) as caught:
            live_ports([model], ServerConfig(port=0, http_port=port)).__enter__()
    assert str(caught.value).startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert "\n" not in str(caught.value)


def test_stopping_waits_for_calls_under_way_and_takes_no_new_ones(
    model: SkyModel, held: HeldDrawing
) -> None:
    server = live_ports([model], ServerConfig(port=0, http_port=0))
    ports = server.__enter__()
    with ThreadPoolExecutor(2) as pool:
        sky = pool.submit(call, ports.http, SERVICE + "Generate", CUMULUS)
        wait_until(lambda: held.begun == ["model"])
        stopping = pool.submit(server.__exit__, None, None, None)
        wait_until(lambda: refuses(ports.http))
        assert not stopping.done()
        assert not sky.done()
        held.gate.set()
        assert sky.result(PATIENCE).status == (0, "")
        stopping.result(PATIENCE)


def test_a_call_that_outlasts_the_grace_period_is_ended(model: SkyModel, held: HeldDrawing) -> None:
    server = live_ports([model], ServerConfig(port=0, http_port=0, grace=0.2))
    ports = server.__enter__()
    with ThreadPoolExecutor(2) as pool:
        sky = pool.submit(call, ports.http, SERVICE + "Generate", CUMULUS)
        wait_until(lambda: held.begun == ["model"])
        stopping = pool.submit(server.__exit__, None, None, None)
        code, _ = sky.result(PATIENCE).status
        assert code in (1, 14)  # CANCELLED or UNAVAILABLE, as native gRPC says
        held.gate.set()
        stopping.result(PATIENCE)


def test_a_connection_that_is_kept_open_does_not_delay_the_stop(model: SkyModel) -> None:
    server = live_ports([model], ServerConfig(port=0, http_port=0, grace=PATIENCE))
    ports = server.__enter__()
    stopped = threading.Event()
    with socket.create_connection(("127.0.0.1", ports.http), PATIENCE) as client:
        client.sendall(b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"404" in client.recv(4096)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(server.__exit__, None, None, None).add_done_callback(
                lambda _: stopped.set()
            )
            assert stopped.wait(PATIENCE / 3)


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False
