"""`quantize`: a model file to a smaller one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console
from training.cli.parsing import codes, require


def quantize(
    model: Annotated[Path, typer.Argument(help="model file (ONNX) with float32 weights")],
    output: Annotated[Path, typer.Option("-o", "--output", help="ONNX file to write")],
    method: Annotated[
        str,
        typer.Option(
            help="fp16; int8, int6, int5, int4, int3 or int2: weights; mixed: bits by weight; "
            "qdq: weights and activations; dynamic: onnxruntime's quantize_dynamic; "
            "rtn, gptq, awq: onnx-neural-compressor on matrices (make compressor)"
        ),
    ],
    max_error: Annotated[
        float,
        typer.Option(
            help="root mean square error of pictures above which nothing is written, "
            "in levels of 255; 8 are 30 dB"
        ),
    ] = 8,
    size_budget: Annotated[
        float | None, typer.Option(help="largest file in MB (10^6 bytes), for mixed")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            help="mixed measures what each weight does to pictures at 4 bits only: a sixth of "
            "the time, a little less quality"
        ),
    ] = False,
    block: Annotated[
        int | None,
        typer.Option(help="about so many weights share a scale, below 8 bits: 32 without"),
    ] = None,
    compensate: Annotated[
        bool,
        typer.Option(
            help="choose codes of int8 to int2 and mixed so that errors of weights make up for "
            "each other (GPTQ), on the calibration pictures"
        ),
    ] = False,
    trellis: Annotated[
        bool,
        typer.Option(
            help="int6 to int2 and mixed: weights share bits with their neighbours, and all of an "
            "output channel a scale; about 2 dB better than in blocks, and half a bit less"
        ),
    ] = False,
    latents: Annotated[
        int,
        typer.Option(help="pictures of each class to calibrate on, and as many others to measure"),
    ] = 4,
    classes: Annotated[
        str, typer.Option(help="classes to calibrate on, as in Cu,Cb; all without")
    ] = "",
    seed: int = 0,
    threads: Annotated[int, typer.Option(help="processor cores, 0 for all")] = 0,
) -> None:
    """Write a smaller model file, measured against the one it was made from."""
    from rich.progress import Progress

    from skyserver.files import check_writable
    from training.quantize.compensate import compensated
    from training.quantize.grams import STYLES, gram_matrices
    from training.quantize.latents import feeds
    from training.quantize.methods import METHODS, WEIGHTS, Settings
    from training.quantize.sensitivity import QUICK, WIDTHS
    from training.quantize.source import read
    from training.quantize.trellis import draft, trellised
    from training.quantize.weights import BLOCK, nearest
    from training.quantize.writing import write

    require("method", method, method in METHODS, ", ".join(METHODS))
    require("max-error", max_error, 0 < max_error <= 255, "above 0, to 255 levels")
    require("block", block, block is None or 4 <= block <= 1024, "4 to 1024")
    require("latents", latents, 1 <= latents <= 1024, "1 to 1024")
    require("threads", threads, threads >= 0, "0 or more")
    mixed, given = method == "mixed", size_budget is not None
    allowed = "MB above 0 with mixed, none with other methods"
    require("size-budget", size_budget, mixed == given and (size_budget or 1) > 0, allowed)
    require("quick", quick, mixed or not quick, "with mixed")
    coded = method in WEIGHTS
    require("compensate", compensate, coded or not compensate, f"with {', '.join(WEIGHTS)}")
    few = [name for name in WEIGHTS if name != "int8"]
    require("trellis", trellis, method in few or not trellis, f"with {', '.join(few)}")
    require("block", block, block is None or not trellis, "none with --trellis")
    check_writable(output, "panorama")
    source = read(model, threads)
    info = source.model.info
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(method)

        def on_step(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        chosen = codes(classes)
        pictures = feeds(info, latents, seed, chosen)
        grams = {}
        if compensate:
            styles = feeds(info, STYLES, seed, chosen)
            grams = gram_matrices(source.graph, pictures, styles, threads, on_step)
        settings = Settings(
            feeds=pictures,
            block=None if trellis else block or BLOCK,
            rounder=trellised(grams) if trellis else compensated(grams),
            draft=draft if trellis else nearest,
            budget=(size_budget or float("inf")) * 1e6,
            measured=QUICK if quick else WIDTHS,
            threads=threads,
            on_step=on_step,
        )
        graph = METHODS[method](source.graph, settings)
        progress.update(task, description="measuring")
        others = feeds(info, latents, seed + 1)
        ways = {"trellis": trellis, "compensated": compensate}
        named = ", ".join([method, *(way for way, taken in ways.items() if taken)])
        error = write(source, graph, named, output, others, max_error, threads, on_step)
    before, after = (path.stat().st_size / 1e6 for path in (model, output))
    console.print(
        f"{output}: {after:.2f} MB of {before:.2f}, PSNR {error.psnr:.1f} dB, "
        f"{error.levels:.2f} levels of 255",
        highlight=False,
    )
