"""Files are looked at before the work and are written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from skyserver.errors import InvalidField, OutputError
from skyserver.files import check_writable, output_for, place, write_files
from skyserver.pipeline import Artifact
from skyserver.request import Output


@pytest.mark.parametrize(
    ("name", "layout", "size", "format", "expected"),
    [
        ("sky.png", "panorama", None, None, Output("panorama", 2048, "png")),
        ("sky.JPEG", "panorama", 512, None, Output("panorama", 512, "jpg")),
        ("a.b.exr", "strip", None, None, Output("strip", 512, "exr")),
        ("folder", "faces", None, None, Output("faces", 512, "png")),
        ("folder.png", "faces", 128, "webp", Output("faces", 128, "webp")),
    ],
)
def test_output_from_its_path(
    name: str, layout: str, size: int | None, format: str | None, expected: Output
) -> None:
    assert output_for(Path(name), layout, size, "unity", format) == expected


@pytest.mark.parametrize(
    ("name", "layout", "size", "format", "field"),
    [
        ("sky", "panorama", None, None, "output"),
        ("sky.gif", "panorama", None, None, "output"),
        ("sky.png", "panorama", None, "png", "format"),
        ("sky.png", "sphere", None, None, "output.layout"),
        ("sky.png", "panorama", 1000, None, "output.size"),
        ("faces", "faces", 2**40, None, "output.size"),
        ("faces", "faces", None, "gif", "output.format"),
    ],
)
def test_output_that_is_not_allowed(
    name: str, layout: str, size: int | None, format: str | None, field: str
) -> None:
    with pytest.raises(InvalidField) as caught:
        output_for(Path(name), layout, size, "unity", format)
    assert caught.value.field == field


@pytest.mark.parametrize(("name", "layout"), [("sky.png", "panorama"), ("faces", "faces")])
def test_check_leaves_nothing_behind(tmp_path: Path, name: str, layout: str) -> None:
    check_writable(tmp_path / name, layout)
    assert list(tmp_path.iterdir()) == []


def test_check_refuses_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="not a file"):
        check_writable(tmp_path, "panorama")
    with pytest.raises(OutputError, match="not a folder"):
        check_writable(tmp_path / "file", "faces")
    for path in (tmp_path / "file" / "sky.png", tmp_path / "none" / "sky.png"):
        with pytest.raises(OutputError, match="cannot be written"):
            check_writable(path, "panorama")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that is closed to us"
)
def test_check_refuses_a_closed_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "sky.png", "panorama")


def test_faces_go_into_their_folder(tmp_path: Path) -> None:
    faces = [Artifact(f"{name}.png", "image/png", name.encode(), 1, 1) for name in ("px", "nx")]
    write_files(place(tmp_path / "sky", "faces", faces))
    assert (tmp_path / "sky" / "nx.png").read_bytes() == b"nx"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["nx.png", "px.png", "sky"]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sky.png"
    path.write_bytes(b"old")
    write_files(place(path, "panorama", [Artifact("panorama.png", "image/png", b"new", 1, 1)]))
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the second file: the first stays as it was, nothing else is there."""
    (tmp_path / "a").write_bytes(b"old")
    write = Path.write_bytes

    def full_at_b(path: Path, data: bytes) -> int:
        if path.name.startswith(".b"):
            write(path, data[:1])
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_at_b)
    with pytest.raises(OutputError, match=r"b: cannot be written \(No space left on device\)"):
        write_files({tmp_path / "a": b"new", tmp_path / "b": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"mine")
    with pytest.raises(OutputError, match="cannot be written"):
        write_files({tmp_path / "taken" / "px.png": b"new"})
    assert (tmp_path / "taken").read_bytes() == b"mine"
