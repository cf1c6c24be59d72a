"""Seconds from `skyserver serve` to its ready line, and on to the first sky.

    python tests/benchmarks/startup.py [--model FILE] [--runs 7] [--backend NAME]

Each run is a server in a process of its own, asked over gRPC for a 2048x1024 PNG as soon as it says
that it answers. The first run, which reads the files from disk, is told apart. The promise: the
first sky is there within 3 seconds on two cores with the default model.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time

from skyserver.bench import machine
from skyserver.client import SkyClient
from skyserver.request import SkyRequest

ALLOWED = 3.0


def main() -> None:
    """Print the medians and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="model file; the default model without one")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--backend", default="auto")
    arguments = parser.parse_args()
    options = ["--backend", arguments.backend]
    options += ["--model", arguments.model] if arguments.model else []
    runs = [start(options) for _ in range(arguments.runs + 1)]
    print(f"{machine()}; median of {arguments.runs}, the least and the most")
    for name, seconds in zip(("ready", "first sky"), zip(*runs, strict=True), strict=True):
        first, *rest = seconds
        print(
            f"{name:10} {statistics.median(rest):5.2f} s  {min(rest):5.2f} to {max(rest):5.2f}"
            f"  (the very first {first:.2f})"
        )
    verdict = "within" if statistics.median(sky for _, sky in runs[1:]) <= ALLOWED else "ABOVE"
    print(f"{verdict} the promised {ALLOWED:g} s")


def start(options: list[str]) -> tuple[float, float]:
    """Start a server, ask it for a sky and stop it. Returns seconds from the start to either."""
    command = [sys.executable, "-m", "skyserver", "serve", "--port", "0", "--http-port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            ready = time.perf_counter() - began
            found = re.search(r"answers at (\S+)", said)
            if not found:
                sys.exit("the server did not start; see `skyserver serve`")
            with SkyClient(found[1]) as client:
                client.generate(SkyRequest("Cu"))
            return ready, time.perf_counter() - began
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
