"""Pictures in labelled rows and columns, as one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from skyserver import files
from skyserver.clouds import CLOUD_TYPES

Picture = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SUFFIXES = (".png", ".webp")
WEBP_EDGE = 16383  # pixels: the format has 14 bits for an edge
QUALITY = 90
MIN_CELL = 64  # pixels: smaller pictures are enlarged, so that labels fit
FONT_SIZE = 13
LINE = 20  # pixels that a line of labels is high
GAP = 4
NAMES = {cloud.code: cloud.name for cloud in CLOUD_TYPES}


def sheet(
    cells: Sequence[Sequence[Picture | None]],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "",
    edge: int = 0,
) -> Image.Image:
    """Square uint8 pictures under column labels and after row labels; None leaves a gap.

    A row label may have several lines. Cells are `MIN_CELL` or `edge` pixels wide or as wide as
    the largest picture: smaller ones are enlarged.
    """
    edge = max(MIN_CELL, edge, *(len(cell) for row in cells for cell in row if cell is not None))
    font = ImageFont.load_default(FONT_SIZE)
    label = max((_width(line, font) for row in rows for line in row.splitlines()), default=0) + 8
    top = LINE * (2 if title else 1)
    size = (label + len(columns) * (edge + GAP), top + len(rows) * (edge + GAP))
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.text((label, LINE / 2), _fitted(title, size[0] - label, font), "black", font, "lm")
    for x, text in enumerate(columns):
        centre = label + x * (edge + GAP) + edge / 2
        draw.text((centre, top - LINE / 2), _fitted(text, edge, font), "black", font, "mm")
    for y, text in enumerate(rows):
        upper = top + y * (edge + GAP)
        draw.text((4, upper + edge / 2), text, "black", font, "lm")
        for x, cell in enumerate(cells[y]):
            if cell is not None:
                picture.paste(_enlarged(cell, edge), (label + x * (edge + GAP), upper))
    return picture


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures in one row on white, aligned at the top."""
    width, height = sum(p.width for p in pictures), max(p.height for p in pictures)
    row = Image.new("RGB", (width, height), "white")
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width
    return row


def label(code: str) -> str:
    """A class's code and, where it is a cloud type, its name under it."""
    return f"{code}\n{NAMES[code]}" if code in NAMES else code or "any"


def check_output(path: Path, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Find out before the work whether `path` can be written.

    Raises ValueError for a suffix that is not among `suffixes`, OutputError for a folder that
    cannot be written.
    """
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{path}: must end in {' or '.join(suffixes)}")
    files.check_writable(path, "panorama")  # one file, as a panorama is


def save(picture: Image.Image, path: Path) -> None:
    """Write a PNG or WebP in one step; ValueError for a picture too large for WebP."""
    kind = path.suffix.lower().removeprefix(".")
    if kind == "webp" and max(picture.size) > WEBP_EDGE:
        size = f"{picture.width} x {picture.height} pixels"
        raise ValueError(f"{path}: {size}; WebP allows {WEBP_EDGE} an edge: write a .png")
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=QUALITY)
    files.write_files({path: buffer.getvalue()})


def _enlarged(cell: Picture, edge: int) -> Image.Image:
    picture = Image.fromarray(cell)
    return picture if len(cell) == edge else picture.resize((edge, edge), Image.Resampling.BICUBIC)


def _fitted(text: str, width: float, font: Font) -> str:
    """The text, its middle left out where it is too wide: seeds may have twenty digits."""
    keep = len(text)
    short = text
    while keep > 2 and _width(short, font) > width:
        keep -= 1
        short = f"{text[: keep // 2]}…{text[-(keep // 2) :]}"
    return short


def _width(text: str, font: Font) -> int:
    return round(font.getlength(text))
