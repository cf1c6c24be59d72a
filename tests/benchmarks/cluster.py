"""Replicas on Ray Serve against one process: skies per second, and what the way through Ray costs.

    python tests/benchmarks/cluster.py [--nodes namespaces] [--kills N] [--replicas 2] [--callers 8]
        [--rounds 5] [--json FILE]

Needs `pip install skyserver[cluster]`. `skyserver serve` and `skyserver cluster` run side by side
on this machine and are asked in turn, so that both have the same share of it: in each round by one
caller for `Describe` (nothing is drawn: the cost of a call) and for one 2048x1024 PNG again and
again (kept in the cache: the cost of carrying its bytes); then for `--seconds` by `--callers` at
once for skies of different seeds. Each replica has one core, the process all.

With `--nodes namespaces` (root, Linux) each replica is on a node of its own, in a network namespace
(machines.py, ray_nodes.py); the process is on the first, callers are on none and ask the nodes in
turn. Then skies of all nodes and the process are compared byte for byte, and the last node is
killed `--kills` times in a running load, and comes back. Exit code 1 when bytes differ, a call
hangs or ends without a name, or the next sky comes 5 s later than usual.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ray_nodes import ENVIRONMENT, RayNodes, ray_nodes

from skyserver.client import SkyClient
from skyserver.errors import Busy, SkyServerError
from skyserver.request import Output, SkyRequest

sys.path.append(str(Path(__file__).parent / "faults"))
from callers import Load, OwnConnections
from strike import strike, wait_until

PORTS = (50077, 50078)
CALLS, KEPT = 50, 20  # in each round
COMPARED = 8  # skies asked of each node
START_SECONDS = 300
CALM_CALLS = 12  # before the node is killed
ONE_PROCESS = "one process"


def main() -> None:
    """Print a table, a row for each side: medians of the rounds."""
    arguments = parsed()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # takes down what it has set up
    with ExitStack() as stack:
        nodes = None
        if arguments.nodes:
            nodes = stack.enter_context(ray_nodes(arguments.replicas, PORTS[1]))
            sides = on_nodes(nodes, stack)
        else:
            sides = on_this_machine(arguments.replicas, stack)
        rounds = in_turn(sides, arguments)
        print_table(rounds)
        if arguments.json:
            facts = {"cores": os.cpu_count(), "load": os.getloadavg(), "rounds": rounds}
            arguments.json.write_text(json.dumps(facts, indent=1))
        if nodes is not None:
            compare(sides)
            shares = nodes.shares().items()
            print("the replicas' processor time:", *(f"{name} {one:.0f} s" for name, one in shares))
            broken = [text for _ in range(arguments.kills) for text in broken_by_kill(nodes)]
            sys.exit(bool(broken))


def parsed() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", choices=["namespaces"], help="a node for each replica")
    parser.add_argument("--kills", type=int, default=0, help="of the last of these nodes")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def on_this_machine(replicas: int, stack: ExitStack) -> dict[str, list[str]]:
    """Start both sides here, and return the addresses of each."""
    count = str(replicas)
    number = ["--min-replicas", count, "--max-replicas", count]
    stack.enter_context(serving(skyserver(PORTS[0], "serve", "--no-http")))
    stack.enter_context(serving(skyserver(PORTS[1], "cluster", "--insecure", *number)))
    return {
        ONE_PROCESS: [f"127.0.0.1:{PORTS[0]}"],
        f"Ray, {replicas} replicas": [f"127.0.0.1:{PORTS[1]}"],
    }


def on_nodes(nodes: RayNodes, stack: ExitStack) -> dict[str, list[str]]:
    """Start the process on the first node, beside its replica, and return all addresses."""
    first = nodes.machines[0]
    command = skyserver(PORTS[0], "serve", "--no-http", "--host", "0.0.0.0", "--insecure")
    stack.enter_context(serving(first.here(*command), ENVIRONMENT))
    return {
        ONE_PROCESS: [f"{first.address}:{PORTS[0]}"],
        f"Ray, {len(nodes.machines)} nodes": nodes.addresses,
    }


def in_turn(
    sides: dict[str, list[str]], arguments: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    """The figures of the rounds of each side."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for turn in range(arguments.rounds):
        for name, addresses in sides.items():
            seed = 1_000_000 * turn
            figures = measured(addresses, seed, arguments.callers, arguments.seconds)
            rounds[name].append(figures)
    return rounds


def print_table(rounds: dict[str, list[dict[str, float]]]) -> None:
    """Print a row for each side."""
    print(f"{'':16} {'a call':>9} {'kept sky':>9} {'skies/s':>8} {'a sky':>7} refused")
    for name, figures in rounds.items():
        middle = {key: statistics.median(one[key] for one in figures) for key in figures[0]}
        print(
            f"{name:16} {middle['call_ms']:6.1f} ms {middle['kept_ms']:6.1f} ms"
            f" {middle['per_second']:8.2f} {middle['median_s']:5.2f} s {middle['refused']:7.0f}",
            flush=True,
        )


def compare(sides: dict[str, list[str]]) -> None:
    """End with exit code 1 unless every address gives the same skies, byte for byte."""
    skies: dict[str, list[object]] = {}
    for address in (address for addresses in sides.values() for address in addresses):
        with connected(address) as client:
            requests = [SkyRequest("Cu", n, outputs=(Output(size=512),)) for n in range(COMPARED)]
            skies[address] = [client.generate(request).artifacts for request in requests]
    first, *others = skies.values()
    if any(other != first for other in others):
        sys.exit("skies differ in their bytes")
    print(f"{COMPARED} skies are the same, byte for byte, at {', '.join(skies)}")


def broken_by_kill(nodes: RayNodes) -> list[str]:
    """Kill the last node while the first is asked; which promises were broken."""
    load = Load(nodes.addresses[0], OwnConnections(None))
    with load.running():
        wait_until(lambda: len(load.calls) >= CALM_CALLS, "no sky at all")
        load.usual = statistics.median(call.ended - call.began for call in load.calls)
        struck = strike("node killed", nodes.last_killed, load, random.Random())
    times = {
        "a call before": load.usual,
        "longest call": max(call.ended - call.began for call in load.calls),
        "next sky": struck.next_sky,
        "replica back": struck.whole_again,
    }
    print(
        "node killed:",
        dict(struck.outcomes),
        {name: round(one, 1) for name, one in times.items() if one},
    )
    for text in struck.broken:
        print(f"    BROKEN: {text}", flush=True)
    return struck.broken


def measured(addresses: list[str], seed: int, callers: int, seconds: float) -> dict[str, float]:
    """The figures of a round with one server, which is asked at all its addresses."""
    with connected(addresses[0]) as client:
        client.generate(SkyRequest("Cu", seed=seed))
        call = timed(CALLS, client.describe)
        kept = timed(KEPT, lambda: client.generate(SkyRequest("Cu", seed=seed)))
    taken, refused = asked_at_once(addresses, seed, callers, seconds)
    return {
        "call_ms": 1000 * call,
        "kept_ms": 1000 * kept,
        "per_second": len(taken) / seconds,
        "median_s": statistics.median(taken) if taken else float("nan"),
        "refused": refused,
    }


def timed(count: int, ask: Callable[[], object]) -> float:
    """Median seconds of a call."""
    taken = []
    for _ in range(count):
        started = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def asked_at_once(
    addresses: list[str], first: int, callers: int, seconds: float
) -> tuple[list[float], int]:
    """Seconds that each sky took which was done within `seconds`, and how many were refused."""
    taken: list[float] = []
    refused: list[Exception] = []
    end = time.monotonic() + seconds

    def caller(number: int) -> None:
        seed = first + 10_000 * (number + 1)
        with SkyClient(addresses[number % len(addresses)]) as client:
            while time.monotonic() < end:
                seed += 1
                started = time.monotonic()
                try:
                    client.generate(SkyRequest("Cu", seed=seed))
                except Busy as busy:
                    refused.append(busy)
                    time.sleep(busy.retry_after)
                else:
                    if time.monotonic() < end:
                        taken.append(time.monotonic() - started)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, len(refused)


@contextmanager
def connected(address: str) -> Iterator[SkyClient]:
    """A client, once the server answers: Ray's ingress learns of replicas a little later."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            client = SkyClient(address)
            break
        except SkyServerError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
    with client:
        yield client


def skyserver(port: int, *command: str) -> list[str]:
    """A command that listens at a port."""
    return [sys.executable, "-m", "skyserver", *command, "--port", str(port)]


@contextmanager
def serving(line: list[str], environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server inside the block."""
    with subprocess.Popen(
        line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            if not process.stdout.readline():
                raise SystemExit(f"it did not start: {' '.join(line)}")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(START_SECONDS)


if __name__ == "__main__":
    main()
