"""Replicas on Ray Serve against one process: skies per second, and what the way through Ray costs.

    python tests/benchmarks/cluster.py [--replicas 2] [--callers 8] [--rounds 5] [--json FILE]

Needs `pip install skyserver[cluster]`. `skyserver serve` and `skyserver cluster` run side by side
on this machine and are asked in turn, so that both have the same share of it: in each round by one
caller for `Describe` (nothing is drawn: the cost of a call) and for one 2048x1024 PNG again and
again (kept in the cache: the cost of carrying its bytes); then for `--seconds` by `--callers` at
once for skies of different seeds. Each replica has one core, the process all.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from skyserver.client import SkyClient
from skyserver.errors import Busy, SkyServerError
from skyserver.request import SkyRequest

PORTS = (50077, 50078)
CALLS, KEPT = 50, 20  # in each round
START_SECONDS = 300


def main() -> None:
    """Print a table, a row for each side: medians of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    number = ["--min-replicas", str(arguments.replicas), "--max-replicas", str(arguments.replicas)]
    sides = {
        "one process": (PORTS[0], ["serve", "--no-http"]),
        f"Ray, {arguments.replicas} replicas": (PORTS[1], ["cluster", "--insecure", *number]),
    }
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    with ExitStack() as stack:
        for port, command in sides.values():
            stack.enter_context(serving(port, command))
        for turn in range(arguments.rounds):
            for name, (port, _) in sides.items():
                seed = 1_000_000 * turn
                rounds[name].append(measured(port, seed, arguments.callers, arguments.seconds))
    print(f"{'':16} {'a call':>9} {'kept sky':>9} {'skies/s':>8} {'a sky':>7} refused")
    for name, figures in rounds.items():
        middle = {key: statistics.median(one[key] for one in figures) for key in figures[0]}
        print(
            f"{name:16} {middle['call_ms']:6.1f} ms {middle['kept_ms']:6.1f} ms"
            f" {middle['per_second']:8.2f} {middle['median_s']:5.2f} s {middle['refused']:7.0f}"
        )
    if arguments.json:
        facts = {"cores": os.cpu_count(), "load": os.getloadavg(), "rounds": rounds}
        arguments.json.write_text(json.dumps(facts, indent=1))


def measured(port: int, seed: int, callers: int, seconds: float) -> dict[str, float]:
    """The figures of a round with one server."""
    with connected(port) as client:
        client.generate(SkyRequest("Cu", seed=seed))
        call = timed(CALLS, client.describe)
        kept = timed(KEPT, lambda: client.generate(SkyRequest("Cu", seed=seed)))
    taken, refused = asked_at_once(port, seed, callers, seconds)
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


def asked_at_once(port: int, first: int, callers: int, seconds: float) -> tuple[list[float], int]:
    """Seconds that each sky took which was done within `seconds`, and how many were refused."""
    taken: list[float] = []
    refused: list[Exception] = []
    end = time.monotonic() + seconds

    def caller(number: int) -> None:
        seed = first + 10_000 * (number + 1)
        with SkyClient(f"127.0.0.1:{port}") as client:
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
def connected(port: int) -> Iterator[SkyClient]:
    """A client, once the server answers: Ray's ingress learns of replicas a little later."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            client = SkyClient(f"127.0.0.1:{port}")
            break
        except SkyServerError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
    with client:
        yield client


@contextmanager
def serving(port: int, command: list[str]) -> Iterator[None]:
    """Run a server inside the block."""
    line = [sys.executable, "-m", "skyserver", *command, "--port", str(port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            if not process.stdout.readline():
                raise SystemExit(f"it did not start: {' '.join(line)}")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(START_SECONDS)


if __name__ == "__main__":
    main()
