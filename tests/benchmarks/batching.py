"""Whether it pays to draw the pictures of several requests in one run of the model.

    python tests/benchmarks/batching.py [--model FILE] [--backend cpu] [--threads 1] [--turns 5]

The same 32 pictures (32 latents, every cloud type, truncations from 0.5 to 1) in runs of 1, 2, 4,
8, 16 and 32; the sizes take turns, and the fastest turn of each counts. `cpu` is processor time,
which other work on the machine changes least. `difference` is the largest one of a picture from the
same picture drawn alone, in levels of 255: all but 0 would make a sky depend on who else asks.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skyserver.backends import Session, open_session
from skyserver.latents import sky_latents
from skyserver.model import SkyModel, default_file

PICTURES = 32
SIZES = (1, 2, 4, 8, 16, 32)


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="the default model without one")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    file = arguments.model or default_file()
    session = open_session(file.read_bytes(), arguments.threads, arguments.backend)
    feed = pictures(SkyModel.load(arguments.model, backend="cpu"))
    alone = draw(session, feed, 1)
    best = dict.fromkeys(SIZES, (np.inf, np.inf))
    for _ in range(arguments.turns):
        for size in SIZES:
            started = time.perf_counter(), time.process_time()
            draw(session, feed, size)
            spent = time.perf_counter() - started[0], time.process_time() - started[1]
            best[size] = min(best[size], spent, key=lambda times: times[1])
    print(f"{session.backend}, {arguments.threads or 'all'} threads: milliseconds a picture")
    for size, (wall, cpu) in best.items():
        difference = np.abs(draw(session, feed, size) - alone).max() * 255 / 2
        each = [seconds / PICTURES * 1000 for seconds in (wall, cpu)]
        print("batch {:2}   wall {:6.1f}   cpu {:6.1f}".format(size, *each), end="   ")
        print(f"difference {difference:.3g}")


def pictures(model: SkyModel) -> dict[str, NDArray[np.float32]]:
    """Return what 32 different pictures are drawn from."""
    info = model.info
    latents = [sky_latents(seed, info.layers, info.z_dim, 1)[:1] for seed in range(PICTURES)]
    classes = np.eye(len(info.classes), dtype=np.float32)
    return {
        "z": np.concatenate(latents),
        "c": classes[np.arange(PICTURES) % len(classes)],
        "psi": np.linspace(0.5, 1, PICTURES, dtype=np.float32),
    }


def draw(session: Session, feed: dict[str, NDArray[np.float32]], size: int) -> NDArray[np.float32]:
    """Draw all pictures, `size` in a run."""
    parts = [
        session.run({name: values[start : start + size] for name, values in feed.items()})
        for start in range(0, PICTURES, size)
    ]
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
