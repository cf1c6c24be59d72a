"""What a smaller or faster model costs: its error against the first one, in one plot with both."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from skyserver.bench import Candidate, Measured
from skyserver.model import SkyModel
from training.quantize.error import Error, measure
from training.quantize.latents import feeds

HEADROOM = 6.0  # dB that pictures without an error are drawn above the best of the others
SHAPE = ("layers", "z_dim", "height", "width")  # what models must share to be compared


def errors(
    candidates: Sequence[Candidate],
    pictures: int,
    on_step: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Error]:
    """Error of each candidate against the first, over `pictures` of each class, at psi 1.

    `on_step` is called with the candidates that are done and those there are.

    Raises ValueError for a model whose latents, classes or pictures are not those of the first.
    """
    first = _load(candidates[0])
    wanted = feeds(first.info, pictures, seed=0)
    found = [Error(0.0, 0.0)]
    for done, candidate in enumerate(candidates[1:], 1):
        on_step(done, len(candidates))
        model = _load(candidate)
        _check_alike(candidate.file, model, first)
        found.append(measure(model, first, wanted))
    return found


def _load(candidate: Candidate) -> SkyModel:
    return SkyModel.load(candidate.file, candidate.threads, candidate.backend)


def _check_alike(file: Path, model: SkyModel, first: SkyModel) -> None:
    for name in SHAPE:
        given, wanted = getattr(model.info, name), getattr(first.info, name)
        if given != wanted:
            raise ValueError(f"{file}: {name} {given}; allowed: {wanted}, as in the first file")
    codes, wanted_codes = ([cloud.code for cloud in one.info.classes] for one in (model, first))
    if codes != wanted_codes:
        raise ValueError(
            f"{file}: classes {' '.join(codes)}; allowed: those of the first file,"
            f" {' '.join(wanted_codes)}"
        )


def plot(measured: Sequence[Measured], found: Sequence[Error]) -> bytes:
    """PNG: a dot for each candidate at its size and PSNR, the larger and darker the slower.

    Candidates without an error, as the first, are triangles above the others.
    """
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots()
    top = max((error.psnr for error in found if error.squared), default=0.0) + HEADROOM
    slowest = max(1000 * one.median for one in measured)
    for one, error in zip(measured, found, strict=True):
        time = 1000 * one.median
        where = one.file_bytes / 1e6, error.psnr if error.squared else top
        dots = axes.scatter(
            *where,
            s=40 + 360 * time / slowest,
            c=time,
            marker="o" if error.squared else "^",
            cmap="cividis_r",
            vmin=0,
            vmax=slowest,
            edgecolors="black",
        )
        cores = f"{one.threads} thread{'s' * (one.threads > 1)}" if one.threads else "all threads"
        how = f"{one.backend}, {cores}, {time:.0f} ms"
        label = f"{Path(one.file).stem}\n{how}"
        axes.annotate(
            label, where, (0, 12), textcoords="offset points", ha="center", fontsize="x-small"
        )
    name = Path(measured[0].file).stem
    axes.set(xlabel="file, MB", ylabel=f"PSNR against {name}, dB (triangles: no error)")
    axes.margins(0.15)
    axes.grid(alpha=0.3)
    figure.colorbar(dots, label="median time of a picture, ms")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
