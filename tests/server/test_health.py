from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from live import PATIENCE, live_server

from skyserver.model import SkyModel
from skyserver.server.app import SERVICE
from skyserver.server.config import ServerConfig

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def about(service: str) -> health_pb2.HealthCheckRequest:
    return health_pb2.HealthCheckRequest(service=service)


@pytest.mark.parametrize("service", ["", SERVICE])
def test_what_is_served_is_healthy(channel: grpc.Channel, service: str) -> None:
    assert health_pb2_grpc.HealthStub(channel).Check(about(service)).status == SERVING


def test_an_unknown_service_is_not_found(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(about("nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("service", "statuses"),
    [("", [SERVING, NOT_SERVING]), (SERVICE, [SERVING, NOT_SERVING]), ("nobody", [UNKNOWN])],
)
def test_who_watches_is_told_of_the_stop_and_does_not_delay_it(
    model: SkyModel, service: str, statuses: list[int]
) -> None:
    server = live_server([model], ServerConfig(port=0, grace=PATIENCE))
    with grpc.insecure_channel(server.__enter__()) as channel, ThreadPoolExecutor(1) as pool:
        watch: Iterator[health_pb2.HealthCheckResponse] = health_pb2_grpc.HealthStub(channel).Watch(
            about(service)
        )
        seen = [next(watch).status]
        stopped = threading.Event()
        pool.submit(server.__exit__, None, None, None).add_done_callback(lambda _: stopped.set())
        seen += [answer.status for answer in watch]
        assert stopped.wait(PATIENCE / 3)
    assert seen == statuses
