"""What training costs: seconds per kimg, memory, and the stages of a step that take the time.

    python tests/benchmarks/training_speed.py [--resolutions 64,128] [--channel-base 2048]

The sky presets' generator against both discriminators, in float32 and bfloat16, on random pictures,
each in a process of its own: one step to warm up, then `--steps`; 16 hold the lazy R1 penalty once.
A GPU is waited for at the end of each stage. Beside the figures stand those published for two cores
with the project's model facts (MODEL.md).
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from training import presets
from training.loop import Training
from training.objectives import ProjectedObjective
from training.rehearsal import parameters, peak_memory

GAMES = ("stylegan2", "projected")
PRECISIONS = ("float32", "bfloat16")
# s/kimg by game, resolution and channel base; in bfloat16
EXPECTED = {
    ("stylegan2", 64, 2048): 32,
    ("stylegan2", 64, 4096): 83,
    ("stylegan2", 128, 2048): 66,
    ("stylegan2", 128, 4096): 128,
    ("stylegan2", 256, 4096): 265,
    ("projected", 64, 2048): 23,
    ("projected", 128, 2048): 35,
    ("projected", 128, 4096): 38.5,
}
SHOWN = 4  # stages
CLASSES, PICTURES = 11, 64


def main() -> None:
    """Print a row for each discriminator, resolution and precision."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolutions", default="64,128")
    parser.add_argument("--games", default=",".join(GAMES))
    parser.add_argument("--precisions", default=",".join(PRECISIONS))
    parser.add_argument("--channel-base", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments, *json.loads(arguments.one))))
        return
    resolutions = map(int, arguments.resolutions.split(","))
    games, precisions = arguments.games.split(","), arguments.precisions.split(",")
    table = Table(
        "", "parameters of G", "precision", "s/kimg", "MODEL.md", "peak MB", "most time in"
    )
    for game, resolution, precision in product(games, resolutions, precisions):
        found = in_a_process([game, resolution, precision])
        expected = EXPECTED.get((game, resolution, arguments.channel_base), "-")
        table.add_row(
            f"{game} {resolution}²",
            found["parameters"],
            precision,
            f"{found['seconds']:.1f}",
            str(expected) if precision == "bfloat16" else "-",
            f"{found['bytes'] / 1e6:.0f}",
            "\n".join(f"{share:4.0%} {name}" for name, share in found["stages"]),
            end_section=True,
        )
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    Console(width=120).print(table, f"{device}, {torch.get_num_threads()} threads", sep="\n")


def in_a_process(case: list[object]) -> dict:
    """What `measure` finds in a process of its own, whose memory is then the run's."""
    command = [sys.executable, *sys.argv, "--one", json.dumps(case)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(
    arguments: argparse.Namespace, game: str, resolution: int, precision: str
) -> dict[str, object]:
    """Train for some steps, with a clock on each stage."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "random.zip"
        write_pictures(data, resolution)
        options = presets.options("sky64") | {
            "resolution": resolution,
            "channel_base": arguments.channel_base,
            "batch": arguments.batch,
            "discriminator": game,
            "augment": "diffaugment" if game == "projected" else "none",
            "precision": precision,
        }
        own = {"data": str(data), "run": folder, "kimg": 1.0}
        training = Training(presets.configure(options | own))
    training.step()
    stages = timed_stages(training)
    start = time.perf_counter()
    for _ in range(arguments.steps):
        training.step()
    seconds = time.perf_counter() - start
    longest = sorted(stages.items(), key=lambda stage: -stage[1])[:SHOWN]
    return {
        "parameters": parameters(training.generator),
        "seconds": seconds / (arguments.steps * arguments.batch) * 1000,
        "bytes": peak_memory(),
        "stages": [(name, taken / seconds) for name, taken in longest],
    }


def timed_stages(training: Training) -> dict[str, float]:
    """Seconds of each stage; they grow with the steps that follow."""
    objective, stages = training.objective, defaultdict(float)
    places = [
        ("batch", training.batches, "at"),
        ("generator", training.generator.synthesis, "forward"),
        ("augmentation", objective, "augment"),
        ("discriminator", objective.discriminator, "forward"),
        ("gradients", torch.autograd, "backward"),
        ("gradients of R1", torch.autograd, "grad"),
        ("optimizers", objective.opt_g, "step"),
        ("optimizers", objective.opt_d, "step"),
        ("average", training, "_average"),
    ]
    if isinstance(objective, ProjectedObjective):
        places.append(("frozen features", objective.discriminator.features, "forward"))
    for stage, owner, name in places:
        setattr(owner, name, timed(getattr(owner, name), stages, stage))
    return stages


def timed(function: Callable, stages: dict[str, float], stage: str) -> Callable:
    """`function`, with its time added to its stage."""

    def measured(*arguments: object, **options: object) -> object:
        begun = time.perf_counter()
        result = function(*arguments, **options)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        stages[stage] += time.perf_counter() - begun
        return result

    return measured


def write_pictures(path: Path, resolution: int) -> None:
    """A data set archive of random pictures: what they show costs nothing."""
    pixels = np.random.default_rng(0).integers(0, 256, (resolution, resolution, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    names = [f"{index}.png" for index in range(PICTURES)]
    labels = [[name, index % CLASSES] for index, name in enumerate(names)]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, buffer.getvalue())
        archive.writestr("dataset.json", json.dumps({"labels": labels}))


if __name__ == "__main__":
    main()
