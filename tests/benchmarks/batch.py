"""What a sky of a batch costs: processor time, and bytes on disk.

    python tests/benchmarks/batch.py [--count 20] [--jobs 1]

`skyserver generate --count` with one thread a process, once for few skies and once for `--count`
more; the difference is without the start. Processor time, unlike the time on the clock, moves
little with what else the machine does. Cumulus skies of the default model.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FEW = 2
DAY = 86_400
MILLION = 1_000_000
OUTPUTS = {
    "panorama 2048 png": ["--size", "2048"],
    "panorama 2048 jpg": ["--size", "2048", "--format", "jpg"],
    "six faces 512 png": ["--layout", "faces", "--size", "512"],
}


def main() -> None:
    """Print a table, a row for each kind of output."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print(
        f"{'':18} {'core s/sky':>10} {'skies/core day':>14} {'MB/sky':>7} {'a million a day':>16}"
    )
    for name, options in OUTPUTS.items():
        few, _ = drawn(FEW, arguments.jobs, options)
        many, size = drawn(FEW + arguments.count, arguments.jobs, options)
        seconds = (many - few) / arguments.count
        print(
            f"{name:18} {seconds:10.2f} {DAY / seconds:14,.0f} {size / 1e6:7.2f}"
            f" {MILLION * seconds / DAY:6.1f} cores, {MILLION * size / 1e12:.1f} TB",
            flush=True,
        )


def drawn(count: int, jobs: int, options: list[str]) -> tuple[float, float]:
    """Processor seconds of a batch, its start among them, and the mean bytes of a sky."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["generate", "--cloud", "Cu", "--count", str(count), "--jobs", str(jobs)]
        command += ["--threads", "1", *options, "-o", folder]
        before = processor_seconds()
        subprocess.run(
            [sys.executable, "-m", "skyserver", *command], check=True, stdout=subprocess.DEVNULL
        )
        seconds = processor_seconds() - before
        _, *lines = (Path(folder) / "manifest.jsonl").read_text().splitlines()
        size = sum(file["bytes"] for line in lines for file in json.loads(line)["files"])
    return seconds, size / count


def processor_seconds() -> float:
    """Of all processes that were waited for, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
