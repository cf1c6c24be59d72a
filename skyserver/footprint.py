"""What a model takes of a machine before it draws: seconds to load, and memory.

Measured in a process of its own, which nothing else has warmed or filled: this module, run as
`python -m skyserver.footprint FILE THREADS BACKEND`, prints it as JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from skyserver.errors import ModelError
from skyserver.latents import sky_latents
from skyserver.model import SkyModel


@dataclass(frozen=True)
class Footprint:
    """`load_seconds` from the file's name to a model ready to draw, its runtime's import included.

    `peak_bytes` is the most memory that the process held at once, Python's own included, until it
    had drawn a picture; None where the system does not tell.
    """

    load_seconds: float
    peak_bytes: int | None


def footprint(file: Path, threads: int, backend: str) -> Footprint:
    """Measure a model file, opened as `SkyModel.load` does.

    Raises:
        ModelError: the process ended before it had drawn.

    """
    command = [sys.executable, "-m", __name__, str(file), str(threads), backend]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2]
        raise ModelError(
            f"{file}: its own process ended with {done.returncode} ({said or 'it said nothing'})"
        )
    return Footprint(**json.loads(done.stdout))


def measure_here(file: Path, threads: int, backend: str) -> Footprint:
    """Measure in this process, which must be fresh."""
    started = time.perf_counter()
    model = SkyModel.load(file, threads, backend)
    seconds = time.perf_counter() - started
    info = model.info
    z = sky_latents(0, info.layers, info.z_dim, pictures=1)
    model.run(z[:1], model.class_weights(info.classes[0].code), 1.0)
    return Footprint(seconds, peak_bytes())


def peak_bytes() -> int | None:
    """Return the most memory that this process has held at once, None where nobody tells."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage would count the parent's memory too
        peak = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        return 1024 * int(peak[1]) if peak else None
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None


if __name__ == "__main__":
    name, cores, by = sys.argv[1:]
    print(json.dumps(asdict(measure_here(Path(name), int(cores), by))))
