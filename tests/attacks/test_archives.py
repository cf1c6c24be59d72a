"""Data set archives that want out of their folder, or more memory than there is."""

import io
import json
import struct
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from training import archive, dataset

MOST_MEMORY = 64 * 2**20  # bytes
MOST_TIME = 20.0  # seconds on a slow and busy machine, traced


def png(size=16):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (size, size, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "png")
    return buffer.getvalue()


def archive_of(path, entries, labels=None, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in entries:
            file.writestr(name, data)
        file.writestr("dataset.json", json.dumps({"labels": labels}))
    return path


def refuse(path, message):
    """Neither read nor rebuilt, soon and in little memory, and nothing is written anywhere."""
    before = sorted(path.parent.rglob("*"))
    start = time.monotonic()
    tracemalloc.start()
    try:
        for use in (
            lambda: dataset.load(path, 16),
            lambda: dataset.build(path, path.with_name("out.zip"), 16),
        ):
            with pytest.raises(ValueError, match=message) as caught:
                use()
            assert "\n" not in str(caught.value)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert time.monotonic() - start < MOST_TIME
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "a/../../a.png",
        "/a.png",
        "..\\a.png",
        "c:/a.png",
        "a/..",
        "a\nb.png",
        "\x1b.png",
    ],
)
def test_paths_out_of_the_archive_are_refused(tmp_path, name):
    """No entry of a data set reaches a file outside its folder."""
    folder = tmp_path / "inner"
    folder.mkdir()
    refuse(archive_of(folder / "set.zip", [(name, png())]), "no path inside the archive")
    assert list(tmp_path.iterdir()) == [folder]


def test_an_archive_that_declares_a_bomb_is_refused_unread(tmp_path, monkeypatch):
    """An archive may expand to a hundred times its size, and no further."""
    monkeypatch.setattr(archive, "SMALL", 2**22)
    entries = [(f"{index}.png", b"\0" * 2**20) for index in range(5)]
    path = archive_of(tmp_path / "bomb.zip", entries, method=zipfile.ZIP_DEFLATED)
    refuse(path, r"bomb\.zip: expands to \d+ bytes, more than 100 times its size")


def test_one_huge_entry_is_refused_by_name(tmp_path, monkeypatch):
    """A picture in an archive has a size that is checked before it is unpacked."""
    monkeypatch.setattr(archive, "MAX_PICTURE_BYTES", 10_000)
    path = archive_of(tmp_path / "a.zip", [("x.png", b"\0" * 10_001)], None, zipfile.ZIP_DEFLATED)
    refuse(path, r"a\.zip: 'x\.png' has 10001 bytes; allowed: at most 10000")


@pytest.mark.parametrize("claimed", [100, 2**20])
def test_an_entry_that_lies_about_its_size_is_cut_off(tmp_path, claimed):
    """Unpacking stops at the size that was declared and checked.

    The stated size is patched into both headers; 128 MB would come out of the stream.
    """
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"\0" * 2**20
    stream = b"".join(compressor.compress(block) for _ in range(128)) + compressor.flush()
    path = tmp_path / "liar.zip"
    crc = zlib.crc32(b"\0" * claimed)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.png", stream)
        file.writestr("dataset.json", json.dumps({"labels": None}))
    data = bytearray(path.read_bytes())
    sizes = struct.pack("<II", len(stream), len(stream))
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    for header, method, offset in ((local, 8, 14), (central, 10, 16)):
        data[header + method : header + method + 2] = struct.pack("<H", 8)
        assert data[header + offset + 4 : header + offset + 12] == sizes
        data[header + offset : header + offset + 12] = struct.pack(
            "<III", crc, len(stream), claimed
        )
    path.write_bytes(data)
    refuse(path, r"x\.png: 'text' is not allowed")


def test_a_wrong_checksum_is_named(tmp_path):
    """A damaged entry is refused by name."""
    path = archive_of(tmp_path / "set.zip", [("a/x.png", png()), ("a/y.png", png())])
    data = bytearray(path.read_bytes())
    place = data.index(b"IDAT", data.index(b"y.png"))
    data[place + 8] ^= 1
    path.write_bytes(data)
    refuse(path, r"a/y\.png: broken in the archive: Bad CRC-32")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_unpack_without_bound_are_refused(tmp_path, method):
    """Only packings whose growth is bounded are unpacked."""
    path = archive_of(tmp_path / "set.zip", [("x.png", png())], None, method)
    refuse(path, r"'x\.png' is encrypted or not one of stored, deflated")


def test_an_encrypted_entry_is_refused(tmp_path):
    """An encrypted entry is refused; no password is asked for."""
    path = archive_of(tmp_path / "set.zip", [("x.png", png())])
    data = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    path.write_bytes(data)
    refuse(path, r"'x\.png' is encrypted")


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    """What was checked is what is read: a name stands in an archive once."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive_of(tmp_path / "set.zip", [("x.png", png()), ("x.png", png())])
    refuse(path, r"'x\.png' is there twice")


def test_a_table_nested_without_end_is_refused(tmp_path):
    """The table of labels cannot overflow the stack."""
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.png", png())
        file.writestr("dataset.json", b'{"labels": ' + b"[" * 100_000)
    refuse(path, r"set\.zip: dataset\.json cannot be read")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    """A picture's pixels are counted in its header, before any is decoded.

    A PNG of 30,000 x 30,000 pixels (2.7 GB) in three megabytes.
    """

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    bomb += chunk(b"IDAT", zlib.compress(b"\0" * 2**20)) + chunk(b"IEND", b"")
    path = archive_of(tmp_path / "set.zip", [("a/x.png", png()), ("a/y.png", bomb)])
    refuse(path, r"a/y\.png: .*(30000 x 30000|too many) pixels.* is not allowed")
    built = dataset.build(path, tmp_path / "out.zip", 16, skip_bad=True)
    assert (built.pictures, len(built.skipped)) == (1, 1)
