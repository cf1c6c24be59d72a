"""`grid`, `mix`, `walk` and `project`: pictures of what a checkpoint has learned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from skyserver.latents import COARSE_LAYERS
from skyserver.request import MAX_SEED, SkyRequest
from training.cli.console import console
from training.cli.parsing import check_psi, codes, numbers, require, sources, stops

MAX_SECONDS, MAX_FPS = 600, 60

Checkpoint = Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="of a training run")]
Sheet = Annotated[Path, typer.Option("-o", "--output", help="PNG or WebP to write")]
Psi = Annotated[float, typer.Option(help="truncation, from 0 (average) to 1 (full variety)")]
Classes = Annotated[str, typer.Option(help="codes, as in Cu,Cb,St; without: all")]


def grid(
    checkpoints: Annotated[
        list[Path], typer.Argument(metavar="CHECKPOINT...", help="several are set side by side")
    ],
    output: Sheet,
    classes: Classes = "",
    seeds: Annotated[str, typer.Option(help="numbers and ranges, as in 0-5,42")] = "0-7",
    psi: Psi = SkyRequest.psi,
) -> None:
    """Draw a row for each class and a column for each seed."""
    from training.looking.grid import drawn_classes, grid
    from training.looking.sampler import Sampler
    from training.looking.sheet import check_output, save

    wanted = numbers("seeds", seeds, MAX_SEED)
    check_psi(psi)
    check_output(output)
    samplers = {str(path): Sampler.load(path) for path in checkpoints}
    rows = {title: drawn_classes(s, codes(classes)) for title, s in samplers.items()}
    total = len(wanted) * sum(map(len, rows.values()))
    with progress_bar() as progress:
        task = progress.add_task("drawing", total=total)
        picture = grid(samplers, rows, wanted, psi, lambda: progress.advance(task))
    save(picture, output)
    console.print(
        f"{output}: {picture.width} x {picture.height} pixels", highlight=False, soft_wrap=True
    )


def mix(
    checkpoint: Checkpoint,
    output: Sheet,
    rows: Annotated[
        str,
        typer.Option(help="sources of the coarse layers, as in Cu:1,Cb:2-4; 1,2 without classes"),
    ],
    columns: Annotated[str, typer.Option(help="sources of the fine layers, likewise")],
    layers: Annotated[
        str, typer.Option(help="layers taken from the columns; without: all fine ones")
    ] = "",
    psi: Psi = SkyRequest.psi,
) -> None:
    """Draw a table of style mixtures: coarse layers of the row, fine layers of the column."""
    from training.looking.mix import mix
    from training.looking.sampler import Sampler
    from training.looking.sheet import check_output, save

    coarse, fine = sources("rows", rows), sources("columns", columns)
    check_psi(psi)
    check_output(output)
    sampler = Sampler.load(checkpoint)
    last = sampler.generator.config.num_ws - 1
    wanted = numbers("layers", layers or f"{min(COARSE_LAYERS, last)}-{last}", last)
    with progress_bar() as progress:
        total = len(fine) + len(coarse) * (1 + len(fine))
        task = progress.add_task("drawing", total=total)
        picture = mix(sampler, coarse, fine, wanted, psi, lambda: progress.advance(task))
    save(picture, output)
    console.print(
        f"{output}: {picture.width} x {picture.height} pixels", highlight=False, soft_wrap=True
    )


def walk(
    checkpoint: Checkpoint,
    output: Annotated[Path, typer.Option("-o", "--output", help="MP4, GIF or WebP to write")],
    classes: Classes = "",
    seeds: Annotated[str, typer.Option(help="one for each class, or one for all")] = "0",
    seconds: Annotated[float, typer.Option(help="length of the loop")] = 8.0,
    fps: Annotated[int, typer.Option(help="frames a second")] = 24,
    space: Annotated[
        str, typer.Option(help="z: latents turn on their sphere; w: styles go straight")
    ] = "z",
    psi: Psi = SkyRequest.psi,
) -> None:
    """Film a loop through latent space: from class to class and seed to seed, and back."""
    from training.looking.sampler import Sampler
    from training.looking.video import check_video, save_video
    from training.looking.walk import SPACES, walk

    wanted = numbers("seeds", seeds, MAX_SEED)
    check_psi(psi)
    require("seconds", seconds, 0 < seconds <= MAX_SECONDS, f"above 0 to {MAX_SECONDS}")
    require("fps", fps, 1 <= fps <= MAX_FPS, f"1 to {MAX_FPS}")
    require("space", space, space in SPACES, " or ".join(SPACES))
    check_video(output)
    sampler = Sampler.load(checkpoint)
    route = stops(codes(classes) or sampler.classes or [""], wanted)
    frames = max(len(route), round(seconds * fps))
    styles = walk(sampler, route, frames, psi, space)
    with progress_bar() as progress:
        drawn = progress.track(sampler.frames(sampler.every_layer(styles)), frames)
        save_video(drawn, fps, output)
    console.print(f"{output}: {frames} frames", highlight=False, soft_wrap=True)


def project(
    checkpoint: Checkpoint,
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="its central square is taken")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="PNG or WebP of the photo and its projection")
    ],
    save_w: Annotated[
        Path | None, typer.Option(help="safetensors file for the style and noise maps")
    ] = None,
    cloud: Annotated[
        str | None,
        typer.Option(metavar="CLASS", help="without: the class whose average is the nearest"),
    ] = None,
    steps: Annotated[int, typer.Option(help="of the optimizer")] = 1000,
    seed: Annotated[int, typer.Option(help="of the optimizer's noise")] = 0,
) -> None:
    """Find the style that draws a photograph; Ctrl-C keeps what it has."""
    from training.looking.perceptual import PerceptualDistance
    from training.looking.project import Projector, comparison, load_photo, save_style
    from training.looking.sampler import Sampler
    from training.looking.sheet import check_output, save

    require("steps", steps, steps >= 1, "1 or more")
    require("seed", seed, 0 <= seed <= MAX_SEED, f"0 to {MAX_SEED}")
    check_output(output)
    if save_w:
        check_output(save_w, [".safetensors"])
    sampler = Sampler.load(checkpoint)
    target = load_photo(photo, sampler.generator.config.resolution)
    projector = Projector(sampler, target, PerceptualDistance(), cloud, steps, seed)
    with progress_bar() as progress:
        task = progress.add_task("projecting", total=steps)
        found = projector.run(
            lambda d: progress.update(task, advance=1, description=f"distance {d:.3f}")
        )
    save(comparison(target, found), output)
    if save_w:
        save_style(found, save_w)
    figures = f"distance {found.distance:.3f}, PSNR {found.psnr:.1f} dB"
    console.print(
        f"{output}: {found.code} after {found.steps} steps: {figures}",
        highlight=False,
        soft_wrap=True,
    )
    if found.steps < steps:
        raise KeyboardInterrupt


def progress_bar() -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    return Progress(console=console, transient=True, disable=not console.is_terminal)
