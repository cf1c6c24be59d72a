"""What a server does under load: 1 to 256 callers at once, each with a sky of its own.

    python tests/benchmarks/load.py [--callers 1,4,16,64,256] [--seconds 20] [--minutes 10]
        [--size 1024] [--different N] [--json FILE] [-- ARGUMENTS OF skyserver serve]

A server in a process of its own; a caller asks for the next sky as soon as he has one, and one who
is refused waits as long as the server tells him. Every answer is read to its end. After the rounds,
`--minutes` of the largest number of callers: the server's memory once every ten seconds. Skies are
all different (the cache is of no use) unless `--different` says how many there are.

`cpu` is the server's processor time for each sky, which other work on the machine changes little.

Promises: throughput with the most callers at least 90 % of the best, memory in the last minute
within 5 % of that in the third, no call that neither ends in a sky nor is refused.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import grpc.aio

from skyserver.status import PUSHBACK_KEY
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

SAMPLE_SECONDS = 10.0
SETTLED = 120.0  # seconds after which memory is compared,
WINDOW = 60.0  # as the median of so many seconds: it moves with what is drawn at a moment
PATIENCE = 60.0  # seconds for a call


@dataclass
class Round:
    """What happened in some seconds: latencies of skies in seconds, refusals, other errors."""

    callers: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, object]:
        """Return what is printed and written, times in seconds."""
        cuts = (
            statistics.quantiles(self.latencies, n=100) if len(self.latencies) > 1 else [0.0] * 99
        )
        return {
            "callers": self.callers,
            "seconds": round(self.seconds, 1),
            "skies": len(self.latencies),
            "per_second": round(len(self.latencies) / self.seconds, 2),
            "cpu": round(self.cpu_seconds / max(1, len(self.latencies)), 3),
            "median": round(cuts[49], 3),
            "p95": round(cuts[94], 3),
            "p99": round(cuts[98], 3),
            "refused": self.refused,
            "errors": dict(self.errors),
        }


@dataclass(frozen=True)
class Memory:
    """Resident memory of the server after so many seconds, all of its processes together."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print a line for each round, the memory, and whether the promises hold."""
    arguments, server_arguments = parsed()
    counts = sorted(int(count) for count in arguments.callers.split(","))
    seeds = (
        itertools.count()
        if arguments.different == 0
        else itertools.cycle(range(arguments.different))
    )
    requests = (
        pb.GenerateRequest(cloud="Cu", seed=seed, outputs=[pb.Output(size=arguments.size)])
        for seed in seeds
    )
    with serving(server_arguments) as (address, pid):
        rounds = []
        for callers in counts:
            work = load(address, pid, callers, arguments.seconds, requests)
            rounds.append(asyncio.run(work).summary())
            print(line(rounds[-1]), flush=True)
        memory: list[Memory] = []
        if arguments.minutes:
            work = soak(address, pid, counts[-1], 60 * arguments.minutes, requests, memory)
            rounds.append(asyncio.run(work).summary())
            print(line(rounds[-1]), flush=True)
    found = {"rounds": rounds, "memory": [asdict(one) for one in memory]}
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(verdicts(rounds[: len(counts)], memory)))


def parsed() -> tuple[argparse.Namespace, list[str]]:
    """Return the arguments of this script, and those of the server after --."""
    here = sys.argv[1:]
    split = here.index("--") if "--" in here else len(here)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--callers", default="1,4,16,64,256")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--size", type=int, default=1024, help="width of the panorama")
    parser.add_argument("--different", type=int, default=0, help="how many skies; 0: no two alike")
    parser.add_argument("--json", help="write all figures to this file")
    return parser.parse_args(here[:split]), here[split + 1 :]


def line(summary: dict[str, object]) -> str:
    """Return a round as a line of the table."""
    return (
        "{callers:4} callers {skies:6} skies {per_second:7.2f}/s   cpu {cpu:6.3f} s"
        "   median {median:7.3f} s   p95 {p95:7.3f}   p99 {p99:7.3f}   refused {refused:6}"
        "   errors {errors}"
    ).format(**summary)


def verdicts(rounds: list[dict[str, object]], memory: list[Memory]) -> Iterator[str]:
    """Yield what became of each promise."""
    rates = [float(str(one["per_second"])) for one in rounds]
    share = rates[-1] / max(rates)
    yield f"throughput with the most callers: {share:.0%} of the best (promised: 90 %)"
    settled = [one for one in memory if one.seconds >= SETTLED]
    if settled:
        then = [one.megabytes for one in settled if one.seconds <= SETTLED + WINDOW]
        now = [one.megabytes for one in settled if one.seconds >= settled[-1].seconds - WINDOW]
        grown = statistics.median(now) / statistics.median(then) - 1
        yield f"memory at the end: {grown:+.1%} since minute two (5 %)"
    lost = sum((Counter(one["errors"]) for one in rounds), Counter())  # type: ignore[arg-type]
    yield f"neither a sky nor a refusal: {dict(lost) or 'none'}"


async def load(
    address: str, pid: int, callers: int, seconds: float, requests: Iterator[pb.GenerateRequest]
) -> Round:
    """Let so many callers ask for so long, and for the end of what they asked last."""
    done = Round(callers)
    started, used = time.perf_counter(), processor_seconds(pid)
    until = started + seconds

    async def caller() -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]  # a connection for each
        async with grpc.aio.insecure_channel(address, options) as channel:
            stub = SkyServerStub(channel)
            while time.perf_counter() < until:
                await ask(stub, next(requests), done, until)

    await asyncio.gather(*(caller() for _ in range(callers)))
    done.seconds = time.perf_counter() - started
    done.cpu_seconds = processor_seconds(pid) - used
    return done


async def ask(stub: SkyServerStub, request: pb.GenerateRequest, done: Round, until: float) -> None:
    """Ask once; after a refusal wait as the server says, or `until` all is over."""
    began = time.perf_counter()
    call = stub.Generate(request, timeout=PATIENCE)
    try:
        ended = False
        async for event in call:
            ended = event.HasField("facts")
    except grpc.aio.AioRpcError as error:
        delay = dict(error.trailing_metadata() or ()).get(PUSHBACK_KEY)
        if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and delay is not None:
            done.refused += 1
            await asyncio.sleep(min(int(delay) / 1000, max(0.0, until - time.perf_counter())))
        else:
            done.errors[error.code().name] += 1
    else:
        if ended:
            done.latencies.append(time.perf_counter() - began)
        else:
            done.errors["cut short"] += 1


async def soak(
    address: str,
    pid: int,
    callers: int,
    seconds: float,
    requests: Iterator[pb.GenerateRequest],
    memory: list[Memory],
) -> Round:
    """Load for long and sample the memory meanwhile."""
    started = time.perf_counter()

    async def sample() -> None:
        while True:
            memory.append(Memory(round(time.perf_counter() - started, 1), resident_megabytes(pid)))
            await asyncio.sleep(SAMPLE_SECONDS)

    sampling = asyncio.create_task(sample())
    try:
        return await load(address, pid, callers, seconds, requests)
    finally:
        sampling.cancel()


def resident_megabytes(pid: int) -> float:
    """Return what a process and its children hold (Linux)."""
    pages = sum(int((one / "statm").read_text().split()[1]) for one in family(pid))
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have used (Linux)."""
    fields = [(one / "stat").read_text().rpartition(")")[2].split() for one in family(pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[Path]:
    """Return what Linux tells of a process and its children: their folders in /proc."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path("/proc") / one for one in (str(pid), *children)]


@contextmanager
def serving(arguments: list[str]) -> Iterator[tuple[str, int]]:
    """Run a server and yield its address and process id."""
    command = [sys.executable, "-m", "skyserver", "serve", "--port", "0", "--no-http", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        said = server.stdout.readline() if server.stdout else ""
        address = re.search(r"answers at (\S+:\d+)", said)
        if address is None:
            sys.exit(f"the server does not start: {' '.join(command)}")
        try:
            yield address[1], server.pid
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
