"""A replica on Ray Serve dies while it is asked; Ray starts another one."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from callers import OwnConnections
from server import TOKEN, children, command
from strike import wait_until

KIND = "replica killed"
HAS_RAY = find_spec("ray") is not None
REPLICAS = 2
NAME = b"ray::ServeReplica"


class Cluster:
    """Replicas that serve at `address`."""

    def __init__(self, pid: int, address: str) -> None:
        self.address = address
        self.credentials = OwnConnections(TOKEN)
        self._pid = pid

    def replicas(self) -> list[int]:
        """Their processes."""
        return [one for one in descendants(self._pid) if command(one).startswith(NAME)]

    @contextmanager
    def replica_killed(self, chance: random.Random) -> Iterator[str]:
        """A replica dies; another takes its place."""
        os.kill(chance.choice(self.replicas()), signal.SIGKILL)
        yield "kill -9"
        wait_until(lambda: len(self.replicas()) == REPLICAS, "no replica in its place")


@contextmanager
def serving_on_ray() -> Iterator[Cluster]:
    """Run a cluster of this machine alone inside the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    number = ["--min-replicas", str(REPLICAS), "--max-replicas", str(REPLICAS), "--cpus", "0.4"]
    line = [sys.executable, "-m", "skyserver", "cluster", "--insecure", "--port", str(port)]
    environment = {**os.environ, "SKYSERVER_TOKEN": TOKEN, "SKYSERVER_CACHE_BYTES": "0"}
    with subprocess.Popen([*line, *number], stdout=subprocess.PIPE, env=environment) as process:
        try:
            if not (process.stdout and process.stdout.readline()):
                sys.exit("the cluster does not start")
            yield Cluster(process.pid, f"127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGINT)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    found = children(pid)
    return [*found, *(one for child in found for one in descendants(child))]
