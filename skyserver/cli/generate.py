"""`skyserver generate`: a cloud type in, a skybox out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from skyserver import files, pipeline
from skyserver.cli import options
from skyserver.cli.many import generate_many
from skyserver.cli.progress import progress_bar
from skyserver.cli.remote import Remote
from skyserver.cli.remote_flags import with_remote_flags
from skyserver.cli.report import report
from skyserver.errors import InvalidField
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
Count = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Draw N skies, of --seed and the seeds after it, into the folder --output, with a"
        " manifest. Called again, it draws those that are missing.",
    ),
]
Jobs = Annotated[
    str | None,
    typer.Option(
        metavar="N|ray",
        help="With --count: processes that draw side by side, by default one for each processor"
        " core; or ray, the workers of a Ray cluster (RAY_ADDRESS, else this machine).",
    ),
]


@with_remote_flags
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
    remote: Remote | None = None,
    threads: options.Threads = 0,
    backend: options.Backend = "auto",
    count: Count = None,
    jobs: Jobs = None,
    as_json: options.Json = False,
) -> None:
    """Draw a sky and write it as a panorama or cubemap; or many with --count.

    The same model, seed and options give the same file.
    """
    if count is None:
        made = files.output_for(output, layout, size, orientation, format)
    else:
        made = files.output_below(layout, size, orientation, format)
    request = SkyRequest(cloud, seed, psi, pictures, method, below, (made,), mix_with, mix_share)
    request.check()
    if count is not None:
        _check_absent("server", remote.server if remote else None, "without --count alone")
        generate_many(request, count, jobs, output, model, threads, backend, as_json)
        return
    _check_absent("jobs", jobs, "with --count alone")
    files.check_writable(output, layout)
    with progress_bar() as progress:
        if remote is not None:
            result, drawn_by = _ask(remote, model, request, progress)
        else:
            loaded = SkyModel.load(model, threads, backend)
            result = pipeline.generate(loaded, request, progress)
            drawn_by = {"model": loaded.info.digest, "backend": loaded.backend}
    placed = files.place(output, layout, result.artifacts)
    files.write_files(placed)
    report(placed, result, {"request": asdict(request), **drawn_by}, as_json)


def _check_absent(option: str, given: str | None, allowed: str) -> None:
    if given is not None:
        raise InvalidField(option, given, allowed)


def _ask(
    remote: Remote, model: str | None, request: SkyRequest, progress: Progress
) -> tuple[Result, dict[str, str]]:
    with remote.connect() as client:
        result = client.generate(request, model or "", progress)
    return result, {"model": result.model}
