"""A Ray cluster whose nodes are machines of their own (machines.py), with `skyserver` on it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import processor_seconds
from machines import Machine, machines

RAY_PORT = 6379
PATIENCE = 300  # seconds
# One thread, as Ray's workers have it: sums of more round otherwise, and skies are to be the same
ENVIRONMENT = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
}
# Prints the address of the node of each replica, as Ray's own tables have it
_WHERE_REPLICAS_ARE = """
import json, sys, ray
from ray._private.state import actors  # ray.util.state would need the dashboard
ray.init(sys.argv[1], log_to_driver=False, logging_level="ERROR")
nodes = {node["NodeID"]: node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}
alive = [actor for actor in actors().values() if actor["State"] == "ALIVE"]
replicas = [actor for actor in alive if actor["ActorClassName"].startswith("ServeReplica:")]
print(json.dumps([nodes.get(actor["Address"]["NodeID"]) for actor in replicas]))
"""


@dataclass(frozen=True)
class RayNodes:
    """Nodes of one core each, so that each has one replica; the first is the cluster's head."""

    machines: list[Machine]
    port: int
    folder: Path

    @property
    def addresses(self) -> list[str]:
        """Where the replicas are asked: at each node, whichever of them draws."""
        return [f"{machine.address}:{self.port}" for machine in self.machines]

    def start(self, machine: Machine) -> None:
        """Make the machine a node. Its processes stay until they are killed."""
        role = ["--address", self._ray]
        if machine == self.machines[0]:
            role = ["--head", "--port", str(RAY_PORT), "--include-dashboard", "false"]
        files = self.folder / machine.name
        files.mkdir(exist_ok=True)
        line = ["ray.scripts.scripts", "start", *role, "--num-cpus", "1", "--temp-dir", str(files)]
        run_on(machine, "-m", *line, "--node-ip-address", machine.address)

    def deploy(self) -> None:
        """Start the replicas, and return when there is one on each node."""
        count = str(len(self.machines))
        number = ["--min-replicas", count, "--max-replicas", count, "--cpus", "1"]
        line = ["skyserver", "cluster", "--insecure", "--port", str(self.port), *number]
        run_on(self.machines[0], "-m", *line, "--address", self._ray)
        self._wait_for_replicas()

    def shares(self) -> dict[str, float]:
        """Processor seconds that the replica of each machine has used."""
        return {
            machine.name: sum(map(processor_seconds, _replicas_on(machine)))
            for machine in self.machines
        }

    @contextmanager
    def last_killed(self, _chance: random.Random) -> Iterator[str]:
        """The last machine dies with all that runs on it; afterwards it comes back."""
        self.machines[-1].kill()
        yield "kill -9 of all"
        self.start(self.machines[-1])
        self._wait_for_replicas()

    @property
    def _ray(self) -> str:
        return f"{self.machines[0].address}:{RAY_PORT}"

    def _wait_for_replicas(self) -> None:
        """Return once Ray has one replica on each node."""
        end = time.monotonic() + PATIENCE
        wanted = sorted(machine.address for machine in self.machines)
        while True:
            told = run_on(self.machines[0], "-c", _WHERE_REPLICAS_ARE, self._ray)
            found = json.loads(told.splitlines()[-1])
            if sorted(map(str, found)) == wanted:
                return
            if time.monotonic() > end:
                sys.exit(f"replicas are on {found}, not one on each of {wanted}")
            time.sleep(1)


@contextmanager
def ray_nodes(count: int, port: int) -> Iterator[RayNodes]:
    """Run a cluster of so many machines inside the block, with replicas at `port`."""
    with tempfile.TemporaryDirectory(prefix="ray-") as folder, machines(count) as made:
        nodes = RayNodes(made, port, Path(folder))
        for machine in made:
            nodes.start(machine)
        nodes.deploy()
        yield nodes


def run_on(machine: Machine, *arguments: str) -> str:
    """What a command of Python's says that has to end well."""
    line = machine.here(sys.executable, *arguments)
    try:
        done = subprocess.run(
            line, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:  # as where a busy machine has Ray give up half of itself
        sys.exit(f"{' '.join(line)}: not done after {PATIENCE} s")
    if done.returncode:
        sys.exit(f"{' '.join(line)}: {done.stdout}{done.stderr}")
    return done.stdout


def _replicas_on(machine: Machine) -> list[int]:
    """The processes of the replicas that run there."""
    name = b"ray::ServeReplica"
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in machine.processes()}
    return [pid for pid, line in lines.items() if line.startswith(name)]
