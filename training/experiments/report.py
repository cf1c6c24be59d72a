"""What an experiment found: a table, a plot, a grid for each arm, and the figures as JSON lines.

results.md      the table, and how the order compares with the reported one
results.jsonl   every measurement
curves.png      FD and KID over kimg, a line for each arm
<arm>.webp      a row for each class, a column for each seed
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skyserver import files
from training.experiments.config import Arm, Experiment
from training.experiments.floor import Floor
from training.experiments.results import Curve, curves
from training.looking.grid import drawn_classes, grid
from training.looking.sampler import Sampler
from training.looking.sheet import save
from training.runfolder import LAST

PSI = 1.0  # grids show what is measured: the whole variety


def write(experiment: Experiment, floor: Floor, output: Path) -> None:
    """Write table, plot and figures of all that has been measured so far into a folder."""
    found = curves(experiment.arms)
    lines = [
        json.dumps({"arm": curve.arm.title, **asdict(point)})
        for curve in found
        for point in curve.points
    ]
    resolution = experiment.base.config.generator.resolution
    text = "\n".join([*table(found, floor, resolution), "", *order(found)])
    files.write_files(
        {
            output / "results.md": f"{text.strip()}\n".encode(),
            output / "results.jsonl": "".join(f"{line}\n" for line in lines).encode(),
            output / "curves.png": plot(found, floor),
        }
    )


def draw(experiment: Experiment, arm: Arm, output: Path) -> None:
    """Write the grid of one arm, of its last checkpoint, into a folder."""
    sampler = Sampler.load(Path(arm.config.run) / LAST)
    rows = {arm.title: drawn_classes(sampler, [])}
    save(grid({arm.title: sampler}, rows, experiment.seeds, PSI), output / f"{arm.slug}.webp")


def table(found: list[Curve], floor: Floor, resolution: int) -> list[str]:
    """Lines of Markdown: the arms by their last FD."""
    rows = [
        "FD and KID x 1000 of generated pictures against real ones at the same resolution, "
        f"{resolution}²; {floor.count} real pictures against as many others: "
        f"FD {floor.fd:.1f}, KID {floor.kid:.1f}.",
        "",
        "| arm | kimg | FD | KID | least KID | at kimg | s/kimg |",
        "|---|---|---|---|---|---|---|",
    ]
    for curve in sorted(found, key=lambda curve: curve.last.fd):
        last, best = curve.last, curve.best
        rows.append(
            f"| {curve.arm.title} | {last.kimg:.0f} | {last.fd:.1f} | {last.kid:.1f} "
            f"| {best.kid:.1f} | {best.kimg:.0f} | {curve.sec_per_kimg:.1f} |"
        )
    return rows


def order(found: list[Curve]) -> list[str]:
    """Lines of Markdown: for each two arms with a reported FID, whether the order is the same."""
    known = [(c.arm.reported_fid, c) for c in found if c.arm.reported_fid is not None]
    pairs = list(combinations(sorted(known, key=lambda pair: pair[0]), 2))
    if not pairs:
        return []
    rows, same = [], 0
    for (low, better), (high, worse) in pairs:
        agrees = better.last.fd < worse.last.fd
        same += agrees
        rows.append(
            f"| {better.arm.title} | {worse.arm.title} | {low:g}, {high:g} "
            f"| {better.last.fd:.1f}, {worse.last.fd:.1f} | {'same' if agrees else 'reversed'} |"
        )
    summary = f"Of {len(pairs)} pairs with a reported FID, {same} have the same order here by FD."
    head = [
        "| better as reported | worse | reported FID | FD here | order |",
        "|---|---|---|---|---|",
    ]
    return [summary, "", *head, *rows]


def plot(found: list[Curve], floor: Floor) -> bytes:
    """PNG of FD and KID over kimg; lines of unconditional arms are dashed, real pictures dotted."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _lines(left, found, "fd", "FD", floor.fd)
    _lines(right, found, "kid", "KID x 1000", floor.kid)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize="small")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def _lines(axes: Axes, found: list[Curve], field: str, name: str, floor: float) -> None:
    for curve in found:
        axes.plot(
            [point.kimg for point in curve.points],
            [getattr(point, field) for point in curve.points],
            linestyle="-" if curve.arm.config.conditional else "--",
            marker=".",
            label=curve.arm.title,
        )
    axes.axhline(floor, color="grey", linestyle=":", label="real pictures")
    axes.set(xlabel="kimg", ylabel=name)
    axes.grid(alpha=0.3)
