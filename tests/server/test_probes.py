from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator

import grpc
import pytest
from live import PATIENCE, HeldDrawing, live_ports, status_of
from prometheus_client.parser import text_string_to_metric_families

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.server.health import HealthServicer
from skyserver.server.jobs import JobQueue
from skyserver.server.probes import Probes
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

CUMULUS, CIRRUS, STRATUS = (pb.GenerateRequest(cloud=cloud) for cloud in ("Cu", "Ci", "St"))

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Status and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        assert response.headers["content-type"].startswith("text/plain")
        return response.status, response.read().decode()
    finally:
        connection.close()


def scraped(port: int) -> Series:
    """Every series of /metrics and its value, as Prometheus' own library reads it."""
    status, text = ask(port, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def grown(before: Series, after: Series, name: str, **labels: str) -> float:
    key = (name, tuple(sorted(labels.items())))
    return after[key] - before.get(key, 0)


@pytest.fixture
def ports(model: SkyModel) -> Iterator[Ports]:
    """A server with one worker and one waiting place."""
    with live_ports([model], ServerConfig(port=0, http_port=0, queue=1)) as ports:
        yield ports


@pytest.fixture
def stub(ports: Ports) -> Iterator[SkyServerStub]:
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield SkyServerStub(channel)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["127.0.0.1", "skyserver.example"])
def test_a_server_at_rest_is_alive_and_ready_by_any_name(
    ports: Ports, path: str, host: str
) -> None:
    assert ask(ports.http, path, host=host) == (200, "ok")
    assert ask(ports.http, path, "HEAD", host=host) == (200, "")
    assert ask(ports.http, path, "POST", host=host)[0] == 405


def test_a_full_queue_is_not_ready_but_alive(
    ports: Ports, stub: SkyServerStub, held: HeldDrawing
) -> None:
    first, second = stub.Generate(CUMULUS), None
    next(first)  # it has its place
    assert ask(ports.http, "/readyz") == (200, "ok")
    second = stub.Generate(CIRRUS)
    next(second)
    assert ask(ports.http, "/readyz") == (503, "the queue is full")
    assert ask(ports.http, "/healthz") == (200, "ok")
    held.gate.set()
    assert {status_of(call)[0] for call in (first, second)} == {grpc.StatusCode.OK}
    assert ask(ports.http, "/readyz") == (200, "ok")


def test_a_server_that_stops_is_not_ready_but_alive() -> None:
    async def answer(probes: Probes, path: str) -> tuple[object, object]:
        events: list[dict[str, object]] = []

        async def send(event: dict[str, object]) -> None:
            events.append(event)

        await probes.answer(path, "GET", send)
        return events[0]["status"], events[1]["body"]

    async def main() -> None:
        health = HealthServicer([])
        probes = Probes(JobQueue(workers=1, waiting=1), health)
        assert await answer(probes, "/readyz") == (200, b"ok")
        health.stop()
        assert await answer(probes, "/readyz") == (503, b"the server is stopping")
        assert await answer(probes, "/healthz") == (200, b"ok")

    asyncio.run(main())


def test_a_call_is_counted_with_its_stages_time_and_bytes(
    ports: Ports, stub: SkyServerStub, held: HeldDrawing
) -> None:
    held.gate.set()
    before = scraped(ports.http)
    assert status_of(stub.Generate(CUMULUS))[0] is grpc.StatusCode.OK
    after = scraped(ports.http)
    calls = {"method": "Generate", "status": "OK", "caller": "anonymous"}
    assert grown(before, after, "skyserver_calls_total", **calls) == 1
    assert grown(before, after, "skyserver_call_seconds_count", method="Generate") == 1
    for stage in ("queue", *pipeline.STAGES):
        assert grown(before, after, "skyserver_stage_seconds_count", stage=stage) == 1
    assert grown(before, after, "skyserver_stage_seconds_sum", stage="model") == 0.5
    assert grown(before, after, "skyserver_sent_bytes_total") == len(b"sky")


def test_a_refusal_is_counted_and_not_timed(
    ports: Ports, stub: SkyServerStub, held: HeldDrawing
) -> None:
    calls = [stub.Generate(sky) for sky in (CUMULUS, CIRRUS)]
    for call in calls:
        next(call)
    before = scraped(ports.http)
    assert (before["skyserver_queue_places", ()], before["skyserver_queue_waiting", ()]) == (2, 1)
    assert before["skyserver_queue_running", ()] == 1
    assert status_of(stub.Generate(STRATUS))[0] is grpc.StatusCode.RESOURCE_EXHAUSTED
    after = scraped(ports.http)
    refused = {"method": "Generate", "status": "RESOURCE_EXHAUSTED", "caller": "anonymous"}
    assert grown(before, after, "skyserver_calls_total", **refused) == 1
    assert grown(before, after, "skyserver_call_seconds_count", method="Generate") == 0
    held.gate.set()
    assert {status_of(call)[0] for call in calls} == {grpc.StatusCode.OK}
    idle = scraped(ports.http)
    assert idle["skyserver_queue_waiting", ()] == idle["skyserver_queue_running", ()] == 0


def test_what_a_caller_writes_makes_no_series(ports: Ports, stub: SkyServerStub) -> None:
    def refused(text: str) -> None:
        request = pb.GenerateRequest(cloud=text, model=text)
        metadata = (("x-request-id", text), ("user-agent", text))
        assert status_of(stub.Generate(request, metadata=metadata))[0] is grpc.StatusCode.NOT_FOUND

    refused("first")
    before = scraped(ports.http)
    for number in range(5):
        refused(f"text-{number}")
    after = scraped(ports.http)
    assert before.keys() == after.keys()
    lost = {"method": "Generate", "status": "NOT_FOUND", "caller": "anonymous"}
    assert grown(before, after, "skyserver_calls_total", **lost) == 5


def test_metrics_are_closed_to_pages_whose_name_resolves_to_this_machine(ports: Ports) -> None:
    assert ask(ports.http, "/metrics", host="evil.example")[0] == 403
