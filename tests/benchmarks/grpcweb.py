"""Streams through the gRPC-Web bridge against the same streams over native gRPC.

    python tests/benchmarks/grpcweb.py [--model FILE] [--runs 5] [--streams 64]

A server in a process of its own, `--streams` callers at once, each with a connection of its own,
who ask for a 2048x1024 PNG; the two ways take turns, and the first turn of each does not count. The
promise: the bridge takes at most 1.3 times as long, and the bytes are the same. As drawing costs
far more than carrying, `--thumbnails` asks for thumbnails that the server keeps: then nothing is
drawn and the carrying is all that is measured.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc

from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

sys.path.append(str(Path(__file__).parents[1]))
from web_client import SERVICE, call

ALLOWED = 1.3
Ask = Callable[[int], bytes]  # number of the caller -> digest of what it got


def main() -> None:
    """Print the median seconds of each way, their ratio and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="model file; the default model without one")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--thumbnails", action="store_true", help="draw nothing")
    arguments = parser.parse_args()
    with serving(arguments.model, arguments.streams) as (grpc_port, http_port):
        ways = asks(grpc_port, http_port, arguments.thumbnails)
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        digests = set()
        for run in range(arguments.runs + 1):
            for name, ask in ways.items():
                taken, got = timed(ask, arguments.streams)
                digests.add(got)
                if run:
                    seconds[name].append(taken)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:8} {value:6.2f} s for {arguments.streams} streams at once")
    ratio = medians["gRPC-Web"] / medians["gRPC"]
    verdict = "within" if ratio <= ALLOWED else "ABOVE"
    print(f"ratio {ratio:.3f}, {verdict} the promised {ALLOWED}")
    print("the same bytes" if len(digests) == 1 else "DIFFERENT BYTES")


def asks(grpc_port: int, http_port: int, thumbnails: bool) -> dict[str, Ask]:
    """Return how a caller asks, each way."""
    method = "Thumbnails" if thumbnails else "Generate"
    small = pb.ThumbnailsRequest(size=256)

    def request(caller: int) -> pb.GenerateRequest | pb.ThumbnailsRequest:
        return small if thumbnails else pb.GenerateRequest(cloud="Cu", seed=caller)

    def native(caller: int) -> bytes:
        options = [("grpc.use_local_subchannel_pool", 1)]  # a connection for each
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}", options) as channel:
            events = list(getattr(SkyServerStub(channel), method)(request(caller)))
        return digest(event.SerializeToString() for event in events if carries_data(event))

    def bridged(caller: int) -> bytes:
        answer = call(http_port, SERVICE + method, request(caller).SerializeToString())
        assert answer.status[0] == 0, answer.status
        kind = pb.Thumbnail if thumbnails else pb.SkyEvent
        events = map(kind.FromString, answer.messages)
        return digest(event.SerializeToString() for event in events if carries_data(event))

    return {"gRPC": native, "gRPC-Web": bridged}


def carries_data(event: pb.SkyEvent | pb.Thumbnail) -> bool:
    """Whether an event is the same each time: progress and times are not."""
    return isinstance(event, pb.Thumbnail) or event.WhichOneof("event") in ("artifact", "chunk")


def digest(parts: Iterator[bytes]) -> bytes:
    """Return the SHA-256 of all parts."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.digest()


def timed(ask: Ask, streams: int) -> tuple[float, tuple[bytes, ...]]:
    """Return the seconds until every caller has its answer, and the digests of the answers."""
    with ThreadPoolExecutor(streams) as callers:
        started = time.perf_counter()
        got = tuple(callers.map(ask, range(streams)))
        return time.perf_counter() - started, got


@contextmanager
def serving(model: str | None, places: int) -> Iterator[tuple[int, int]]:
    """Run a server with room for all callers and yield its gRPC and HTTP ports."""
    command = [sys.executable, "-m", "skyserver", "serve", "--port", "0", "--http-port", "0"]
    command += ["--queue", str(places), "--cache-bytes", "0"]
    command += ["--model", model] if model else []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        said = server.stdout.readline() if server.stdout else ""
        ports = re.findall(r"127\.0\.0\.1:(\d+)", said)
        try:
            yield int(ports[0]), int(ports[1])
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
