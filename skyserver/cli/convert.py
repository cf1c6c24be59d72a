"""`skyserver convert`: the user's own image in, a skybox out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from skyserver import files, pipeline
from skyserver.cli import options
from skyserver.cli.progress import progress_bar
from skyserver.cli.remote import Remote
from skyserver.cli.remote_flags import with_remote_flags
from skyserver.cli.report import report
from skyserver.decode import MAX_PIXELS
from skyserver.errors import InvalidField, UnreadableImage
from skyserver.orientation import ORIENTATIONS
from skyserver.pipeline import Progress, Result
from skyserver.request import KINDS, ConvertRequest

MAX_BYTES: Final = 12 * MAX_PIXELS  # of a file: three float32 a pixel, not compressed

Images = Annotated[
    list[Path],
    typer.Argument(help="One image, or six cube faces in the order +X -X +Y -Y +Z -Z."),
]
Kind = Annotated[
    str, options.choice("--kind", KINDS, "What the image is; auto guesses from its shape.")
]
InputOrientation = Annotated[
    str,
    options.choice("--input-orientation", ORIENTATIONS, "The engine the image was made for."),
]


@with_remote_flags
def convert(
    images: Images,
    output: options.OutputPath,
    kind: Kind = ConvertRequest.kind,
    input_orientation: InputOrientation = ConvertRequest.orientation,
    method: options.Method = ConvertRequest.method,
    below: options.Below = ConvertRequest.below,
    layout: options.Layout = "panorama",
    size: options.Size = None,
    format: options.Format = None,
    orientation: options.Orientation = "unity",
    remote: Remote | None = None,
    as_json: options.Json = False,
) -> None:
    """Turn a picture, panorama or cubemap into a panorama or cubemap.

    --method and --below complete a flat picture; the other kinds are whole.
    """
    made = files.output_for(output, layout, size, orientation, format)
    request = ConvertRequest(kind, input_orientation, method, below, (made,))
    request.check()
    files.check_writable(output, layout)
    data = [_read(path, output) for path in images]
    try:
        with progress_bar() as progress:
            result = _convert(remote, data, request, progress)
    except InvalidField as error:
        raise _naming_the_file(error, images) from None
    placed = files.place(output, layout, result.artifacts)
    files.write_files(placed)
    report(placed, result, {"request": asdict(request)}, as_json)


def _convert(
    remote: Remote | None, data: list[bytes], request: ConvertRequest, progress: Progress
) -> Result:
    if remote is None:
        return pipeline.convert(data, request, progress)
    with remote.connect() as client:
        return client.convert(data, request, progress)


def _read(path: Path, output: Path) -> bytes:
    if output.exists() and path.exists() and output.samefile(path):
        raise InvalidField("output", str(output), "any file but the image itself")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableImage(str(path), f"{size} bytes", f"up to {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(str(path), error.strerror, "an image file that can be read") from None


def _naming_the_file(error: InvalidField, images: list[Path]) -> InvalidField:
    """Return the error with the name of the file in place of `images[0]`."""
    for index, path in enumerate(images):
        if error.field.startswith(f"images[{index}]"):
            return type(error)(str(path), error.given, error.allowed)
    return error
