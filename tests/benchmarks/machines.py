"""Machines made of this one, as far as a network can tell: Linux network namespaces.

Each has addresses, ports and a loopback of its own, and a cable (a veth pair) to a switch (a
bridge) that this machine is plugged into as well. Processors, memory and files are shared.

What a program leaves that is itself killed goes with `ip link del sky-switch` and, for each
machine, `ip netns pids sky-1 | xargs kill -9; ip link del sky-1; ip netns del sky-1`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Network

NETWORK = IPv4Network("10.77.0.0/24")
SWITCH = "sky-switch"


@dataclass(frozen=True)
class Machine:
    """One of them, reached from this machine and the others at `address`."""

    name: str
    address: str

    def here(self, *line: str) -> list[str]:
        """The command that runs `line` on it."""
        return ["ip", "netns", "exec", self.name, *line]

    def processes(self) -> set[int]:
        """The ids of all that run on it."""
        return {int(pid) for pid in _ip("netns", "pids", self.name).split()}

    def kill(self) -> None:
        """End everything that runs on it with SIGKILL. The other machines hear that it is gone."""
        while pids := self.processes():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def missing() -> str | None:
    """Say in one line what machines need and is not there, if anything."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if shutil.which("ip") is None:
        return "network namespaces need the command ip (apt-get install iproute2)"
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    return None


@contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    """Set up `count` machines for the block; what runs on them is killed at its end.

    Ends the program with one line where that cannot be, as in a container without CAP_NET_ADMIN.
    """
    if reason := missing():
        sys.exit(reason)
    ours, *addresses = (f"{host}" for host in list(NETWORK.hosts())[: count + 1])
    with ExitStack() as stack:
        _ip("link", "add", SWITCH, "type", "bridge")
        stack.callback(_ip, "link", "del", SWITCH)
        _ip("address", "add", f"{ours}/{NETWORK.prefixlen}", "dev", SWITCH)
        _ip("link", "set", SWITCH, "up")
        yield [
            stack.enter_context(_machine(Machine(f"sky-{number}", address)))
            for number, address in enumerate(addresses, 1)
        ]


@contextmanager
def _machine(machine: Machine) -> Iterator[Machine]:
    """Plug a machine in for the block."""
    name = machine.name
    with ExitStack() as stack:
        _ip("netns", "add", name)
        stack.callback(_ip, "netns", "del", name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        stack.callback(_ip, "link", "del", name)  # the namespace itself may go only later
        stack.callback(machine.kill)
        _ip("link", "set", name, "master", SWITCH, "up")
        _ip("-n", name, "address", "add", f"{machine.address}/{NETWORK.prefixlen}", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", name, "link", "set", device, "up")
        yield machine


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
