"""`skyserver generate`: a cloud type in, a skybox out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from skyserver import files, pipeline
from skyserver.cli import options
from skyserver.cli.progress import progress_bar
from skyserver.cli.report import report
from skyserver.model import SkyModel
from skyserver.pipeline import Progress, Result
from skyserver.request import MAX_SEED, PICTURES_RANGE, PSI_RANGE, SHARE_RANGE, SkyRequest

Cloud = Annotated[
    str,
    typer.Option(
        help="Code or name of a cloud type, as in Cu or cumulus; `skyserver clouds` lists them.",
        autocompletion=options.complete_cloud,
    ),
]
Seed = Annotated[int, typer.Option(help=f"Which of the skies, 0 to {MAX_SEED}.")]
Psi = Annotated[
    float,
    typer.Option(
        help="Truncation: from {} (the average sky of its type) to {} (the full variety).".format(
            *PSI_RANGE
        )
    ),
]
Pictures = Annotated[
    int,
    typer.Option(help="Pictures round the horizon, {} to {}.".format(*PICTURES_RANGE)),
]
MixWith = Annotated[
    str,
    typer.Option(
        metavar="CLOUD",
        show_default=False,
        help="A second cloud type to mix in.",
        autocompletion=options.complete_cloud,
    ),
]
MixShare = Annotated[
    float, typer.Option(help="Its share, {} to {}; --cloud has the rest.".format(*SHARE_RANGE))
]


def generate(
    cloud: Cloud,
    output: options.OutputPath,
    seed: Seed = SkyRequest.seed,
    psi: Psi = SkyRequest.psi,
    pictures: Pictures = SkyRequest.pictures,
    method: options.Method = SkyRequest.method,
    below: options.Below = SkyRequest.below,
    mix_with: MixWith = SkyRequest.mix_with,
    mix_share: MixShare = SkyRequest.mix_share,
    layout: options.Layout = "panorama",
    size: options.Size = None,
    format: options.Format = None,
    orientation: options.Orientation = "unity",
    model: options.Model = None,
    server: options.Server = None,
    threads: options.Threads = 0,
    backend: options.Backend = "auto",
    as_json: options.Json = False,
) -> None:
    """Draw a sky and write it as a panorama or cubemap.

    The same model, seed and options give the same file.
    """
    made = files.output_for(output, layout, size, orientation, format)
    request = SkyRequest(cloud, seed, psi, pictures, method, below, (made,), mix_with, mix_share)
    request.check()
    files.check_writable(output, layout)
    with progress_bar() as progress:
        if server is not None:
            result, drawn_by = _remote(server, model, request, progress)
        else:
            loaded = SkyModel.load(model, threads, backend)
            result = pipeline.generate(loaded, request, progress)
            drawn_by = {"model": loaded.info.digest, "backend": loaded.backend}
    placed = files.place(output, layout, result.artifacts)
    files.write_files(placed)
    report(placed, result, {"request": asdict(request), **drawn_by}, as_json)


def _remote(
    server: str, model: str | None, request: SkyRequest, progress: Progress
) -> tuple[Result, dict[str, str]]:
    from skyserver.client import SkyClient

    with SkyClient(server) as client:
        result = client.generate(request, model or "", progress)
    return result, {"model": result.model}
