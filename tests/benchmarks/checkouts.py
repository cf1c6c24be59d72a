"""Stages of a 2048x1024 PNG request in other checkouts against this one, requests taking turns.

    git worktree add ../before COMMIT
    python tests/benchmarks/checkouts.py ../before [--model FILE] [--runs 15]

Milliseconds of processor time, all threads of a process together: other work on the machine
lengthens a request, and hardly this. The model has one thread, and so have matrix products.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
DEFAULT = HERE / "skyserver" / "models" / "default.onnx"
SIZE = 2048
ANSWER = "--answer"

Stages = dict[str, float]


def main() -> None:
    """Print the median of each stage for each checkout, and the median ratio of whole requests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("others", nargs="+", type=Path, help="folders of other checkouts")
    parser.add_argument("--model", type=Path, default=DEFAULT)
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    folders = [HERE, *arguments.others]
    measured: list[list[Stages]] = [[] for _ in folders]
    with ExitStack() as stack:
        workers = [stack.enter_context(start(folder, arguments.model)) for folder in folders]
        for run in range(arguments.runs + 1):
            for worker, rows in zip(workers, measured, strict=True):
                print(run, file=worker.stdin, flush=True)
                stages = json.loads(worker.stdout.readline())
                if run:  # the first run also builds tables
                    rows.append(stages)
        for worker in workers:
            worker.stdin.close()
    for folder, rows in zip(folders, measured, strict=True):
        report(folder, rows, measured[0])


def start(folder: Path, model: Path) -> subprocess.Popen[str]:
    """Start a process that answers numbers of requests with their stages, by a checkout's code."""
    environment = os.environ | {"PYTHONPATH": str(folder.resolve()), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, __file__, ANSWER, str(model.resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def answer(model_file: str) -> None:
    """Draw the requests whose numbers come on stdin; write the seconds of their stages."""
    time.perf_counter = time.process_time  # the clock of the pipeline, in any of its versions
    from skyserver.model import SkyModel
    from skyserver.pipeline import generate
    from skyserver.request import Output, SkyRequest

    model = SkyModel.load(Path(model_file), 1)
    codes = [cloud.code for cloud in model.info.classes]
    for line in sys.stdin:
        run = int(line)
        outputs = (Output(layout="panorama", size=SIZE),)
        request = SkyRequest(codes[run % len(codes)], seed=run, outputs=outputs)
        print(json.dumps(dict(generate(model, request).seconds)), flush=True)


def report(folder: Path, rows: list[Stages], ours: list[Stages]) -> None:
    """Print a checkout's medians, and how its requests compare with ours of the same turn."""
    median = {stage: 1000 * statistics.median(row[stage] for row in rows) for stage in rows[0]}
    totals = [[sum(row.values()) for row in some] for some in (rows, ours)]
    ratio = statistics.median(their / our for their, our in zip(*totals, strict=True))
    stages = "  ".join(f"{stage} {value:.0f}" for stage, value in median.items())
    share = sum(median.values()) / median["model"] - 1
    print(f"{folder}: {stages} ms; all but the model {share:.2f} x model; {ratio:.2f} x ours")


if __name__ == "__main__":
    if sys.argv[1:2] == [ANSWER]:
        answer(sys.argv[2])
    else:
        main()
