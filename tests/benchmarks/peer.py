"""SkyServer against the gRPC server that one writes in an hour: grpcio's threads around the model.

    python tests/benchmarks/peer.py [--callers 16] [--seconds 20] [--turns 3]

The peer is `grpc.server` with its usual ten threads, each of which draws a whole sky and sends it:
the same model file, pipeline and messages, without queue, limits, slots, log or metrics. Both have
one process, and the same callers take turns with them, for two kinds of request:
`model` draws one picture and does little else (512x256, mirrored), `sky` is 2048x1024 of five
pictures. No two requests are alike. Ratios are SkyServer's over the peer's, of skies per second and
of skies per second of processor time; the second is what a busy machine tells, too.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from load import load, serving

from skyserver import messages, pipeline
from skyserver.model import SkyModel
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerServicer, add_SkyServerServicer_to_server

THREADS = 10
ENOUGH = ["--queue", "1000", "--cache-bytes", "0"]
KINDS = {
    "model": pb.GenerateRequest(
        cloud="Cu", pictures=1, method=pb.METHOD_MIRROR, outputs=[pb.Output(size=512)]
    ),
    "sky": pb.GenerateRequest(cloud="Cu", outputs=[pb.Output(size=2048)]),
}


class Plain(SkyServerServicer):
    """The peer: draws in grpcio's thread what it is asked for."""

    def __init__(self) -> None:
        self._model = SkyModel.load()

    def Generate(  # noqa: N802  # the name is the protocol's
        self, request: pb.GenerateRequest, _context: grpc.ServicerContext
    ) -> Iterator[pb.SkyEvent]:
        """Draw a sky and send it."""
        sky = messages.to_sky_request(request)
        result = pipeline.generate(self._model, sky)
        for artifact in result.artifacts:
            yield pb.SkyEvent(artifact=messages.to_header(artifact))
            yield from messages.to_chunks(artifact.data)
        again = messages.from_sky_request(sky, self._model.info.digest)
        yield messages.to_facts(result.seconds, result.sun, again)


def main() -> None:
    """Print both servers' figures and their ratios for each kind of request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--be-the-peer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.be_the_peer:
        serve_plainly()
        return
    seeds = itertools.count()
    with ExitStack() as stack:
        servers = {
            "SkyServer": stack.enter_context(serving(ENOUGH)),
            "peer": stack.enter_context(peer()),
        }
        for kind, request in KINDS.items():
            compare(kind, different(request, seeds), servers, arguments)


def compare(
    kind: str,
    requests: Iterator[pb.GenerateRequest],
    servers: dict[str, tuple[str, int]],
    arguments: argparse.Namespace,
) -> None:
    """Let the servers take turns; print medians."""
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for _ in range(arguments.turns):
        for name, (address, pid) in servers.items():
            work = load(address, pid, arguments.callers, arguments.seconds, requests)
            done = asyncio.run(work)
            skies = len(done.latencies)
            rates[name].append((skies / done.seconds, skies / done.cpu_seconds))
            assert not done.errors, done.errors
    medians = {
        name: [statistics.median(values) for values in zip(*turns, strict=True)]
        for name, turns in rates.items()
    }
    for name, (rate, per_core) in medians.items():
        print(f"{kind:6} {name:10} {rate:7.2f} a second   {per_core:6.2f} a second of processor")
    ratios = [ours / theirs for ours, theirs in zip(*medians.values(), strict=True)]
    print(f"{kind:6} ratio      {ratios[0]:7.2f}            {ratios[1]:6.2f}", flush=True)


def different(request: pb.GenerateRequest, seeds: Iterator[int]) -> Iterator[pb.GenerateRequest]:
    """Yield the request with another seed each time."""
    for seed in seeds:
        again = pb.GenerateRequest(seed=seed)
        again.MergeFrom(request)
        yield again


@contextmanager
def peer() -> Iterator[tuple[str, int]]:
    """Run the peer in a process of its own and yield its address and process id."""
    command = [sys.executable, str(Path(__file__)), "--be-the-peer"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline() if process.stdout else ""
        try:
            yield f"127.0.0.1:{int(port)}", process.pid
        finally:
            process.terminate()


def serve_plainly() -> None:
    """Be the peer until the process is ended."""
    server = grpc.server(ThreadPoolExecutor(THREADS))
    add_SkyServerServicer_to_server(Plain(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
