"""One of several processes of a server, and its line to the process that started it.

The line carries tuples: a word, then what belongs to it. Up go READY with the ports and what is
served, FAILED with an error, CHANGE with a change that a caller asks for, and APPLIED with the
error of a change that was to be made here, if any. Down go SERVE once this process is to listen,
APPLY with a change to make, and CHANGED with the error of the change that was asked for, once every
process has made it. Errors travel as `skyserver.status` has them.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, Final

from skyserver.errors import SkyServerError
from skyserver.server import app
from skyserver.server.config import ServerConfig
from skyserver.server.log import log_to_stderr, logger
from skyserver.server.registry import Change, Registry
from skyserver.status import from_status, to_status

SERVE: Final = "serve"
READY: Final = "ready"
FAILED: Final = "failed"
CHANGE: Final = "change"
APPLY: Final = "apply"
APPLIED: Final = "applied"
CHANGED: Final = "changed"


def work(config: ServerConfig, line: Connection, changes: Sequence[Change]) -> None:
    """Be one of the processes: load the models, wait for SERVE, and serve until SIGTERM.

    `config` has the ports that all share, `changes` are those that the others have seen.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until it serves: Ctrl+C reaches all processes
    log_to_stderr()
    try:
        asyncio.run(_serve(config, line, changes))
    except SkyServerError as error:
        line.send((FAILED, to_status(error)))


async def _serve(config: ServerConfig, line: Connection, changes: Sequence[Change]) -> None:
    registry = Registry.of(config)
    for change in changes:
        await registry.apply(change)
    peers = _Peers(line, registry)
    loop = asyncio.get_running_loop()
    loop.add_reader(line.fileno(), peers.read)
    try:
        await peers.wanted.wait()
        await app.serve(
            registry,
            config,
            lambda ports: line.send((READY, (ports, registry.served))),
            peers.change,
        )
    finally:
        loop.remove_reader(line.fileno())


class _Peers:
    """Makes changes here that were asked for anywhere, and asks for those that were asked here.

    `wanted` is set once this process is to serve.
    """

    def __init__(self, line: Connection, registry: Registry) -> None:
        self.wanted = asyncio.Event()
        self._line = line
        self._registry = registry
        self._asking = asyncio.Lock()
        self._changed: asyncio.Future[Any] | None = None
        self._applying: set[asyncio.Task[None]] = set()

    async def change(self, change: Change) -> None:
        """Have every process make a change.

        Raises:
            SkyServerError: what the first of them that could not raised.

        """
        async with self._asking:
            self._changed = asyncio.get_running_loop().create_future()
            self._line.send((CHANGE, change))
            status = await self._changed
        if status is not None:
            raise from_status(*status)

    def read(self) -> None:
        """Take a message from the line."""
        try:
            word, content = self._line.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            logger.warning("the process that started this one is gone")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if word == SERVE:
            self.wanted.set()
        elif word == APPLY:
            task = asyncio.create_task(self._apply(content))
            self._applying.add(task)
            task.add_done_callback(self._applying.discard)
        elif word == CHANGED and self._changed is not None and not self._changed.done():
            self._changed.set_result(content)

    async def _apply(self, change: Change) -> None:
        status = None
        try:
            await self._registry.apply(change)
        except SkyServerError as error:
            status = to_status(error)
        self._line.send((APPLIED, status))
