"""Replicas on Ray Serve against one process: skies per second, and what the way through Ray costs.

    python tests/benchmarks/cluster.py [--replicas 1 2] [--callers 8] [--seconds 60] [--json FILE]

Needs `pip install skyserver[cluster]`. The sides run one after the other on this machine, all from
the same package: `skyserver serve`, then `skyserver cluster` with each number of replicas. Each is
asked, by one caller, for `Describe` (nothing is drawn: the cost of a call) and for one 2048x1024
PNG again and again (kept in the cache: the cost of carrying its bytes); then by `--callers` at once
for skies of different seeds. Each replica has one core, the process all.
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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skyserver.client import SkyClient
from skyserver.errors import Busy, SkyServerError
from skyserver.request import SkyRequest

PORT = 50077
CALLS, KEPT = 200, 50
START_SECONDS = 300


def main() -> None:
    """Print a table, a row for each side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicas", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    sides = {"one process": ["serve", "--no-http"]}
    for count in arguments.replicas:
        number = ["--min-replicas", str(count), "--max-replicas", str(count)]
        sides[f"Ray, {count}"] = ["cluster", "--insecure", *number]
    figures = {}
    print(f"{'':12} {'call':>8} {'kept sky':>9} {'skies/s':>8} {'median':>7} {'p95':>7} refused")
    for name, command in sides.items():
        with serving(command):
            figures[name] = one = measured(arguments.callers, arguments.seconds)
        print(
            f"{name:12} {one['call_ms']:5.1f} ms {one['kept_ms']:6.1f} ms {one['per_second']:8.2f}"
            f" {one['median_s']:5.2f} s {one['p95_s']:5.2f} s {one['refused']:7}",
            flush=True,
        )
    facts = {"cores": os.cpu_count(), "load": os.getloadavg(), "sides": figures}
    if arguments.json:
        arguments.json.write_text(json.dumps(facts, indent=1))


def measured(callers: int, seconds: float) -> dict[str, Any]:
    """The figures of the server that answers now."""
    with connected() as client:
        sky = client.generate(SkyRequest("Cu", seed=0))
        call = timed(CALLS, client.describe)
        kept = timed(KEPT, lambda: client.generate(SkyRequest("Cu", seed=0)))
    taken, refused = asked_at_once(callers, seconds)
    return {
        "call_ms": 1000 * call,
        "kept_ms": 1000 * kept,
        "bytes": len(sky.artifacts[0].data),
        "per_second": len(taken) / seconds,
        "median_s": statistics.median(taken),
        "p95_s": statistics.quantiles(taken, n=20)[-1],
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


def asked_at_once(callers: int, seconds: float) -> tuple[list[float], int]:
    """Seconds that each sky took which was done within `seconds`, and how many were refused."""
    taken: list[float] = []
    refused: list[Exception] = []
    end = time.monotonic() + seconds

    def caller(number: int) -> None:
        seed = 1_000_000 * (number + 1)
        with SkyClient(f"127.0.0.1:{PORT}") as client:
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
def connected() -> Iterator[SkyClient]:
    """A client, once the server answers: Ray's ingress learns of replicas a little later."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            client = SkyClient(f"127.0.0.1:{PORT}")
            break
        except SkyServerError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
    with client:
        yield client


@contextmanager
def serving(command: list[str]) -> Iterator[None]:
    """Run a server inside the block."""
    line = [sys.executable, "-m", "skyserver", *command, "--port", str(PORT)]
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
