"""Frames to a file that plays: MP4 with PyAV (the `video` extra), GIF or WebP with Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skyserver import files
from skyserver.errors import MissingExtra
from training.looking.sheet import check_output

Picture = NDArray[np.uint8]
SUFFIXES = (".mp4", ".gif", ".webp")
CRF = "18"  # x264's constant rate factor: 18 is taken for visually lossless
QUALITY = 85  # of WebP
MILLISECONDS = {"gif": 10, "webp": 1}  # what the times of frames are whole multiples of


def check_video(path: Path) -> None:
    """Find out before the work whether `path` can be written.

    Raises ValueError or OutputError for its name or folder, MissingExtra for an MP4 without PyAV.
    """
    check_output(path, SUFFIXES)
    if path.suffix.lower() == ".mp4":
        try:
            import av  # noqa: F401
        except ImportError:
            raise MissingExtra(
                f"{path}: MP4 needs PyAV: pip install 'skyserver[video]', or write a .gif or .webp"
            ) from None


def save_video(frames: Iterable[Picture], fps: int, path: Path) -> None:
    """Write frames (height, width, 3) uint8 in one step; GIF and WebP loop for ever."""
    kind = path.suffix.lower().removeprefix(".")
    encoded = _mp4(frames, fps) if kind == "mp4" else _animation(frames, fps, kind)
    files.write_files({path: encoded})


def _mp4(frames: Iterable[Picture], fps: int) -> bytes:
    """H.264 in 4:2:0, which every player and browser decodes; needs even edges."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": CRF})
        stream.pix_fmt = "yuv420p"
        for index, pixels in enumerate(frames):
            if index == 0:
                stream.height, stream.width = pixels.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _animation(frames: Iterable[Picture], fps: int, kind: str) -> bytes:
    first, *rest = [Image.fromarray(pixels) for pixels in frames]
    times = _durations(1 + len(rest), fps, MILLISECONDS[kind])
    buffer = io.BytesIO()
    first.save(
        buffer, kind, save_all=True, append_images=rest, duration=times, loop=0, quality=QUALITY
    )
    return buffer.getvalue()


def _durations(count: int, fps: int, unit: int) -> list[int]:
    """Milliseconds of each frame, multiples of `unit` that never drift from the true time."""
    ends = [round(1000 * index / fps / unit) * unit for index in range(count + 1)]
    return [end - start for start, end in pairwise(ends)]
