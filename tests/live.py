"""A real server in a thread of the test process, and a drawing that a test can hold still."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress

import grpc

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from skyserver.server.app import Ports, running
from skyserver.server.config import ServerConfig
from skyserver.server.registry import Registry

PATIENCE = 30  # seconds after which a test that hangs fails


@contextmanager
def live_server(models: Sequence[SkyModel], config: ServerConfig) -> Iterator[str]:
    """Serve gRPC alone inside the block and yield the address."""
    with live_ports(models, config.model_copy(update={"http": False})) as ports:
        yield f"{config.host}:{ports.grpc}"


@contextmanager
def live_ports(models: Sequence[SkyModel], config: ServerConfig) -> Iterator[Ports]:
    """Serve inside the block and yield the ports."""
    started: Future[tuple[Ports, Callable[[], None]]] = Future()

    async def main() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with running(Registry(models, config.models_dir), config) as ports:
            started.set_result((ports, lambda: loop.call_soon_threadsafe(stop.set)))
            await stop.wait()

    def target() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=target)
    thread.start()
    ports, stop = started.result(PATIENCE)
    try:
        yield ports
    finally:
        stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def status_of(call: grpc.Call) -> tuple[grpc.StatusCode, str]:
    """Read a stream to its end and return its status and message."""
    with suppress(grpc.RpcError):
        list(call)
    return call.code(), call.details()


def wait_until(condition: Callable[[], object]) -> None:
    """Return once `condition` holds; fail when it takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def has_ipv6() -> bool:
    """Whether this machine has the loopback address ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class HeldDrawing:
    """Stands in for `pipeline.generate`: its stages, progress and cancellation; the sky is `data`.

    Every stage waits until `gate` is open, `seconds` at most. `begun` are the stages that began.
    """

    def __init__(self, data: bytes = b"sky", seconds: float = PATIENCE) -> None:
        self.gate = threading.Event()
        self.begun: list[str] = []
        self._data = data
        self._seconds = seconds

    def __call__(
        self,
        _model: SkyModel,
        _request: SkyRequest,
        progress: pipeline.Progress,
        cancelled: pipeline.Cancelled,
    ) -> pipeline.Result:
        for index, stage in enumerate(pipeline.STAGES):
            cancelled()
            progress(stage, index / len(pipeline.STAGES))
            self.begun.append(stage)
            self.gate.wait(self._seconds)
        artifact = pipeline.Artifact("panorama.png", "image/png", self._data, 2, 1)
        return pipeline.Result((artifact,), dict.fromkeys(pipeline.STAGES, 0.5), None)
