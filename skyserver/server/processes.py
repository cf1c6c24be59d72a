"""Several processes that serve as one: they share the ports, and each change of the models.

The kernel gives each new connection to one of them (SO_REUSEPORT, socket(7) of Linux); all calls of
a connection go to the same. Each has models, a queue and a cache of its own. This process only
starts them and passes changes on (peers.py). One more than serve is there: it has loaded the models
and waits, to take the place of one that ends unasked at once. Its start takes a second of processor
time, which on a busy machine is many.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final, TypeAlias

from skyserver.errors import SkyServerError
from skyserver.server import metrics
from skyserver.server.app import AFTER_GRACE, Ports, stop_signals
from skyserver.server.config import ServerConfig
from skyserver.server.listener import bind
from skyserver.server.log import logger
from skyserver.server.peers import APPLIED, APPLY, CHANGE, CHANGED, FAILED, READY, SERVE, work
from skyserver.server.registry import Change, Served
from skyserver.status import from_status, to_status

Ready: TypeAlias = Callable[[Ports, Served], None]

_MEMORY: Final = Path("/dev/shm")
_SHORTEST_REST: Final = 0.5  # seconds before another one starts after one that did not come up;
_LONGEST_REST: Final = 4.0  # twice that after each that follows


async def serve(config: ServerConfig, ready: Ready) -> None:
    """Serve with `config.processes` until SIGTERM or SIGINT; `ready` is told once all are up.

    Raises:
        SkyServerError: what keeps a process from starting.

    """
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="skyserver-", dir=_memory())
        )
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # they count together (metrics.py)
        held = [stack.enter_context(one) for one in _hold(config)]  # bound, they never listen
        port, *http_port = (int(one.getsockname()[1]) for one in held)
        ports = {"port": port, **({"http_port": http_port[0]} if http_port else {})}
        stop = stack.enter_context(stop_signals())
        await _Supervisor(config.model_copy(update=ports)).run(ready, stop)


def _memory() -> Path | None:
    """Return a folder in memory, if there is one.

    What processes count lies in files that are mapped: where the disk is full, a write to one ends
    the process (SIGBUS), and every one that is started in its place.
    """
    return _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None


def _hold(config: ServerConfig) -> list[socket.socket]:
    """Return sockets that keep the ports for the processes of this server."""
    wanted = [config.port, *([config.http_port] if config.http else [])]
    held = []
    for number in wanted:
        with bind(config.host, number) as alone:  # or it would join another server's processes
            free = alone.getsockname()[1]
        held.append(bind(config.host, free, shared=True))
    return held


class _Worker:
    """A process that serves; `up` is what it said first, `ended` is done when it is no more."""

    def __init__(self, process: SpawnProcess, line: Connection) -> None:
        loop = asyncio.get_running_loop()
        self.process = process
        self.line = line
        self.up: asyncio.Future[tuple[str, Any]] = loop.create_future()
        self.applied: asyncio.Future[Any] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()


class _Supervisor:
    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._workers: set[_Worker] = set()
        self._spare: _Worker | None = None
        self._rest = 0.0
        self._changes: list[Change] = []
        self._changing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, ready: Ready, stop: asyncio.Event) -> None:
        """Keep all processes up until `stop`."""
        first = [self._start() for _ in range(self._config.processes)]
        keeping: list[asyncio.Task[None]] = []
        try:
            for worker in first:
                _send(worker, SERVE)
            for worker in first:
                word, content = await worker.up
                if word != READY:
                    raise from_status(*content)
            ready(*content)
            keeping = [asyncio.create_task(self._keep_place(worker)) for worker in first]
            keeping.append(asyncio.create_task(self._keep_spare()))
            await stop.wait()
        finally:
            for task in keeping:
                task.cancel()
            await self._end()

    def _start(self) -> _Worker:
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(self._config, there, tuple(self._changes))
        )
        try:
            process.start()
        finally:
            there.close()  # or its end would not be noticed here
        worker = _Worker(process, here)
        self._workers.add(worker)
        asyncio.get_running_loop().add_reader(here.fileno(), self._read, worker)
        return worker

    async def _start_another(self) -> _Worker:
        """Start a process, after a rest where the one before did not come up."""
        while True:
            await asyncio.sleep(self._rest)
            async with self._changing:  # it misses none
                try:
                    worker = self._start()
                except OSError as error:
                    self._note_failure(error)
                else:
                    worker.up.add_done_callback(self._note)
                    return worker

    def _note(self, up: asyncio.Future[tuple[str, Any]]) -> None:
        word, content = up.result()
        if word == READY:
            self._rest = 0.0
        else:
            self._note_failure(from_status(*content))

    def _note_failure(self, error: Exception) -> None:
        self._rest = min(max(2 * self._rest, _SHORTEST_REST), _LONGEST_REST)
        logger.error("a process cannot start: %s", error)

    async def _keep_place(self, worker: _Worker) -> None:
        """Have another process serve whenever one ends."""
        while True:
            await asyncio.shield(worker.ended)
            code = worker.process.exitcode
            logger.warning("process %d ended (%s): another one serves", worker.process.pid, code)
            spare, self._spare = self._spare, None
            worker = spare or await self._start_another()
            _send(worker, SERVE)

    async def _keep_spare(self) -> None:
        """Have one process wait, and start the next when it serves, or if it ends."""
        while True:
            worker = self._spare = await self._start_another()
            await asyncio.shield(worker.up)
            if self._spare is worker:
                self._spare = None

    def _read(self, worker: _Worker) -> None:
        """Take a message of a process; its line ends with it."""
        try:
            word, content = worker.line.recv()
        except (EOFError, OSError):
            self._forget(worker)
            return
        if word == CHANGE:
            task = asyncio.create_task(self._change(worker, content))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif word == APPLIED:
            worker.applied.set_result(content)
        else:
            worker.up.set_result((word, content))

    def _forget(self, worker: _Worker) -> None:
        asyncio.get_running_loop().remove_reader(worker.line.fileno())
        worker.line.close()
        worker.process.join()
        self._workers.discard(worker)
        metrics.process_ended(worker.process.pid or 0)
        if not worker.up.done():
            code = worker.process.exitcode
            worker.up.set_result((FAILED, to_status(SkyServerError(f"it ended with {code}"))))
        if not worker.applied.done():
            worker.applied.set_result(None)
        worker.ended.set_result(None)

    async def _change(self, asking: _Worker, change: Change) -> None:
        """Have every process make a change; one that cannot what another could starts anew."""
        async with self._changing:
            workers = tuple(self._workers)
            for worker in workers:
                worker.applied = asyncio.get_running_loop().create_future()
                _send(worker, APPLY, change)
            answers = {worker: await worker.applied for worker in workers}
            # what those say that ended since is nothing: the ones after them begin with all changes
            statuses = {one: status for one, status in answers.items() if one in self._workers}
            is_made = None in statuses.values()
            if is_made:
                self._changes.append(change)
                for worker, status in statuses.items():
                    if status is not None:
                        worker.process.terminate()
        _send(asking, CHANGED, None if is_made else next(iter(statuses.values()), None))

    async def _end(self) -> None:
        workers = tuple(self._workers)
        for worker in workers:
            worker.up.remove_done_callback(self._note)  # that one which waits ends is no failure
            worker.process.terminate()
        try:
            async with asyncio.timeout(self._config.grace + AFTER_GRACE):
                await asyncio.gather(*(worker.ended for worker in workers))
        except TimeoutError:
            for worker in self._workers:
                logger.error("process %d does not end: killed", worker.process.pid)
                worker.process.kill()


def _send(worker: _Worker, word: str, content: object = None) -> None:
    with suppress(OSError):  # it has just ended, which is noticed in `_read`
        worker.line.send((word, content))
