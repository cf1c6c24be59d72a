"""Faults at random moments of a running load: no call hangs, no sky is half, nothing stays broken.

    python tests/benchmarks/faults [--count 100] [--seed N] [--kinds "worker killed,disk full"]
        [--calm SECONDS] [--json FILE]

`skyserver serve` with two processes, TLS and a token is asked by four callers all the time, each
call of a different sky (server.py, callers.py); one fault after
the other strikes it (server_faults.py).
Then batches are struck (batch_faults.py) and, where Ray is installed, replicas (replica_faults.py).
Linux only. A full disk needs unshare(1), a clock that jumps libfaketime (a package of Debian),
which shifts the wall clock that the server's processes see; kinds that cannot be are named and left
out.

Promises: every call ends in a whole sky, the same as ever for its seed, or in an error that says
what it is; the next caller has his sky at most 5 s later than usual; what was struck is whole again
at last. A batch has each sky once, byte for byte those of one that was left alone. Exit code 1 when
one is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import cycle, islice
from pathlib import Path

import trustme
from batch_faults import BatchFaults
from callers import Load
from disk import enter_namespace, small_disk
from replica_faults import HAS_RAY, KIND, serving_on_ray
from server import FAKETIME, Files, serving
from server_faults import faults_of
from strike import Fault, Struck, strike, wait_until

CALM_CALLS = 12  # before the first fault
ON_SERVER = [
    "worker killed",
    "all workers killed",
    "client gone",
    "model corrupt",
    "certificate rotated",
    "disk full",
]
ON_SERVER_WITH_CLOCK = ["clock jumped"]
ON_BATCH = ["batch worker killed", "batch killed", "batch disk full"]
TURN = [*3 * (ON_SERVER + ON_SERVER_WITH_CLOCK), *ON_BATCH, KIND]  # a batch takes longer
MEGABYTES = 32


def main() -> None:
    """Print a line for each fault, then a table by kind; exit with 1 if a promise is broken."""
    arguments = parsed()
    has_small_disk = enter_namespace()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    chance = random.Random(seed)
    counts = shares(arguments, has_small_disk)
    print(f"seed {seed}, {counts.total()} faults", flush=True)
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        found = [*struck(Path(name), counts, chance, arguments.calm, has_small_disk)]
    print_table(found)
    if arguments.json:
        facts = {"seed": seed, "faults": [vars(one) for one in found]}
        Path(arguments.json).write_text(json.dumps(facts, indent=1) + "\n")
    sys.exit(any(one.broken for one in found))


def parsed() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, help="of all that is random; another one without it")
    parser.add_argument("--kinds", default=",".join(dict.fromkeys(TURN)))
    parser.add_argument("--calm", type=float, default=0.0, help="seconds between two faults")
    parser.add_argument("--json", help="write all faults to this file")
    return parser.parse_args()


def shares(arguments: argparse.Namespace, has_small_disk: bool) -> Counter[str]:
    """How many of each kind; those that cannot be are named."""
    needs = {
        "disk full": (has_small_disk, "a namespace of its own: unshare --map-root-user --mount"),
        "batch disk full": (has_small_disk, "the same"),
        "clock jumped": (FAKETIME is not None, "libfaketime"),
        KIND: (HAS_RAY, "pip install skyserver[cluster]"),
    }
    asked = arguments.kinds.split(",")
    for kind in asked:
        is_there, need = needs.get(kind, (True, ""))
        if not is_there:
            print(f"left out: {kind}, which needs {need}")
    turn = [kind for kind in TURN if kind in asked and needs.get(kind, (True, ""))[0]]
    return Counter(islice(cycle(turn), arguments.count))


def struck(
    folder: Path, counts: Counter[str], chance: random.Random, calm: float, has_small_disk: bool
) -> Iterator[Struck]:
    """Yield what came of each fault: of a server, of batches, of replicas."""
    with small_disk(folder / "disk", MEGABYTES) if has_small_disk else nullcontext(folder) as disk:
        for kinds in (ON_SERVER, ON_SERVER_WITH_CLOCK):
            if any(counts[kind] for kind in kinds):
                files = Files(folder, disk, trustme.CA())
                with serving(files, kinds is ON_SERVER_WITH_CLOCK) as server:
                    load, by_kind = Load(server.address, files.credentials), faults_of(server)
                    faults = {kind: by_kind[kind] for kind in kinds}
                    yield from in_load(load, faults, counts, chance, calm)
        batches = BatchFaults(folder, disk)
        for number, kind in enumerate(shuffled(counts, ON_BATCH, chance)):
            yield shown(batches.strike(kind, number, chance))
    if counts[KIND]:
        with serving_on_ray() as cluster:
            load = Load(cluster.address, cluster.credentials)
            yield from in_load(load, {KIND: cluster.replica_killed}, counts, chance, calm)


def in_load(
    load: Load,
    faults: dict[str, Fault],
    counts: Counter[str],
    chance: random.Random,
    calm: float,
) -> Iterator[Struck]:
    """Strike again and again while the load runs, each time after `calm` seconds and a moment."""
    with load.running():
        wait_until(lambda: len(load.calls) >= CALM_CALLS, "no sky at all")
        load.usual = statistics.median(call.ended - call.began for call in load.calls)
        print(f"undisturbed: {len(load.calls)} calls, median {load.usual:.2f} s")
        for kind in shuffled(counts, list(faults), chance):
            time.sleep(calm + chance.uniform(0.0, 1.0))
            yield shown(strike(kind, faults[kind], load, chance))


def shuffled(counts: Counter[str], kinds: list[str], chance: random.Random) -> list[str]:
    """The kinds, each as often as it counts, in a random order."""
    order = [kind for kind in kinds for _ in range(counts[kind])]
    chance.shuffle(order)
    return order


def shown(one: Struck) -> Struck:
    """Print a line for a fault."""
    sky = "no" if one.next_sky is None else f"{one.next_sky:.2f} s"
    print(f"{one.kind:20} {one.how:18} {dict(one.outcomes)}, next sky {sky}", flush=True)
    for text in one.broken:
        print(f"    BROKEN: {text}", flush=True)
    return one


def print_table(found: list[Struck]) -> None:
    """Print a row for each kind: times are the median and the longest."""
    print("\n| fault | times | in flight | skies | errors | next sky | whole again | broken |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in dict.fromkeys(TURN):
        ones = [one for one in found if one.kind == kind]
        if not ones:
            continue
        outcomes = sum((one.outcomes for one in ones), Counter[str]())
        skies = outcomes.pop("sky", 0)
        errors = ", ".join(f"{count} {status}" for status, count in outcomes.items())
        broken = sum(bool(one.broken) for one in ones)
        print(
            f"| {kind} | {len(ones)} | {sum(one.in_flight for one in ones)} | {skies}"
            f" | {errors or 'none'} | {spread(one.next_sky for one in ones)}"
            f" | {spread(one.whole_again for one in ones)} | {broken} |"
        )


def spread(seconds: Iterable[float | None]) -> str:
    """Median and longest of some times."""
    known = [one for one in seconds if one is not None]
    return f"{statistics.median(known):.1f} s, {max(known):.1f} s" if known else ""


if __name__ == "__main__":
    main()
