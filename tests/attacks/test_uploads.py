"""Pictures that a caller uploads, and what they cost the server."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import OpenEXR
import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from skyserver import pipeline, radiance
from skyserver.decode import decode
from skyserver.encode import encode
from skyserver.errors import UnreadableImage
from skyserver.request import ConvertRequest, Output

CANARY = b"<script>polyglot</script>"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_of(scans: int, edge: int = 1024) -> bytes:
    """A true progressive JPEG (ITU-T T.81), grey; each scan after the first is 25 bytes or so."""
    blocks = (edge // 8) ** 2

    def table(kind: int, symbol: int) -> bytes:  # one code of one bit, 0
        return segment(0xC4, bytes([kind, 1, *[0] * 15, symbol]))

    def scan(first: int, last: int, zeros: int) -> bytes:
        ones = "1" * (-zeros % 8)
        coded = int("0" * zeros + ones, 2).to_bytes((zeros + 7) // 8)
        return segment(0xDA, bytes([1, 1, 0, first, last, 0])) + coded

    run = 2**14  # blocks without a coefficient, which 15 bits say
    head = segment(0xDB, bytes([0, *[1] * 64]))
    head += segment(0xC2, struct.pack(">BHHB", 8, edge, edge, 1) + bytes([1, 0x11, 0]))
    head += table(0x00, 0) + table(0x10, 0xE0) + scan(0, 0, blocks)
    return b"\xff\xd8" + head + scan(1, 63, 15 * -(-blocks // run)) * (scans - 1) + b"\xff\xd9"


def test_a_jpeg_cannot_have_itself_drawn_ten_thousand_times() -> None:
    """A JPEG of more than 100 scans is refused undecoded, wherever it hides them."""
    assert decode(jpeg_of(100), "sky").shape == (1024, 1024, 3)  # the attack is real
    many = jpeg_of(10_000)
    second = many.index(b"\xff\xda", many.index(b"\xff\xda") + 1)
    hidden = many[:second] + b"\xff\x02\xff\xf0" + many[second:]  # no segment, though as long
    thumbnail = segment(0xE1, jpeg_of(2)[-40:])  # whose end of image is not the end
    for data in (many, hidden, many[:2] + thumbnail + many[2:]):
        with pytest.raises(UnreadableImage, match=r"^sky: 'a JPEG of \d+ scans' .* 1 to 100 scans"):
            decode(data, "sky")


def with_channels(count: int) -> bytes:
    plane = np.zeros((64, 64), np.float32)
    file = io.BytesIO()
    OpenEXR.File({}, dict.fromkeys(["R", "G", "B", *map(str, range(count - 3))], plane)).write(file)
    return file.getvalue()


def with_parts() -> bytes:
    window = (np.zeros(2, np.int32), np.full(2, 3, np.int32))
    parts = [
        OpenEXR.Part(
            {"displayWindow": window, "type": OpenEXR.scanlineimage},
            {"RGB": np.zeros((edge, edge, 3), np.float32)},
            str(edge),
        )
        for edge in (4, 256)
    ]
    file = io.BytesIO()
    OpenEXR.File(parts).write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "given"),
    [(with_channels(5), "5 channels of 64 x 64 pixels"), (with_parts(), "several parts")],
    ids=["channels", "parts"],
)
def test_an_exr_cannot_hide_its_bulk(data: bytes, given: str) -> None:
    """What an EXR unpacks to is bounded by its header: all channels count, and one part is all."""
    decode(with_channels(4), "sky", 64 * 64)
    with pytest.raises(UnreadableImage, match=f"^sky: .*{given}"):
        decode(data, "sky", 64 * 64)


def test_an_hdr_of_the_shortest_runs_takes_no_minutes() -> None:
    """An HDR costs less than a microsecond of processor time for each byte of the upload."""
    width, height = 8192, 16
    line = bytes([2, 2, width >> 8, width & 255]) + bytes([129, 7]) * (4 * width)
    data = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width) + line * height
    started = time.process_time()
    radiance.read(data)
    assert time.process_time() - started < len(data) * 1e-6


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP", b"iTXt"])
def test_what_a_png_carries_beside_its_picture_is_not_unpacked(name: bytes) -> None:
    """Packed text and profiles in a PNG cannot take more than a few megabytes."""
    packed = zlib.compress(bytes(64 * 2**20), 1)
    between = b"\1\0\0\0" if name == b"iTXt" else b"\0"
    plain = encode(np.zeros((4, 4, 3), np.float32), "png")
    data = plain[:33] + chunk(name, b"x\0" + between + packed) + plain[33:]
    tracemalloc.start()
    try:
        decode(data, "sky")
    except UnreadableImage:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 16 * 2**20


def png_and_archive(picture: Pillow.Image) -> bytes:
    file = io.BytesIO()
    text = PngInfo()
    text.add_text("Comment", CANARY.decode())
    picture.save(file, "PNG", pnginfo=text)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("run.html", CANARY)
    return file.getvalue()


def jpeg_and_page(picture: Pillow.Image) -> bytes:
    file = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x010E] = CANARY.decode()  # ImageDescription
    picture.save(file, "JPEG", comment=CANARY, exif=exif)
    return file.getvalue() + CANARY


@pytest.mark.parametrize("polyglot", [png_and_archive, jpeg_and_page])
def test_of_a_polyglot_only_the_pixels_go_on(polyglot: Callable[[Pillow.Image], bytes]) -> None:
    """Nothing of an upload but its pixels is in what the server gives out."""
    data = polyglot(Pillow.new("RGB", (128, 64), (90, 120, 200)))
    assert CANARY in data
    outputs = tuple(Output(size=512, format=format) for format in ("png", "jpg", "webp", "exr"))
    made = pipeline.convert([data], ConvertRequest(outputs=outputs))
    assert len(made.artifacts) == 4
    assert not any(CANARY in artifact.data for artifact in made.artifacts)
