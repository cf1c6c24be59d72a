"""The manifest, with whatever a crash can leave in the folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from whole_batch import assert_whole, draw_here, entries_of

from skyserver.batch.drawing import Drawing, Entry
from skyserver.batch.manifest import opened
from skyserver.batch.run import draw_batch
from skyserver.errors import InvalidField, OutputError
from skyserver.request import MAX_SEED, Output


@pytest.fixture
def manifest(drawing: Drawing) -> Path:
    """The manifest of a batch of four."""
    assert draw_batch(drawing, 4, draw_here, lambda _done: None) == 4
    return drawing.folder / "manifest.jsonl"


def rewrite(manifest: Path, lines: list[bytes]) -> None:
    manifest.write_bytes(b"".join(lines))


def test_a_batch_in_shards_of_a_thousand_skies(drawing: Drawing, tiny_model: Path) -> None:
    done: list[int] = []
    assert draw_batch(drawing, 6, draw_here, done.append) == 6
    assert done == list(range(7))
    assert_whole(drawing.folder, range(995, 1001), tiny_model, drawing.request)
    assert drawing.path_of(995) == Path("00000/995.png")
    assert drawing.path_of(1995) == Path("00001/1995.png")


def test_faces_have_a_folder_for_each_sky(drawing: Drawing, tiny_model: Path) -> None:
    output = Output("faces", 128, "jpg")
    drawing = replace(drawing, request=replace(drawing.request, outputs=(output,)))
    draw_batch(drawing, 2, draw_here, lambda _done: None)
    assert_whole(drawing.folder, range(995, 997), tiny_model, drawing.request)
    assert (drawing.folder / "00000" / "996" / "px.jpg").is_file()


def test_a_batch_goes_on_where_it_stopped_and_grows(drawing: Drawing, manifest: Path) -> None:
    before = manifest.read_bytes()
    assert draw_batch(drawing, 3, draw_here, lambda _done: None) == 0
    assert manifest.read_bytes() == before
    assert draw_batch(drawing, 5, draw_here, lambda _done: None) == 1
    assert manifest.read_bytes().startswith(before)


@pytest.mark.parametrize("damage", ["half a line", "no line", "file gone", "file cut", "twice"])
def test_what_a_crash_left_is_put_right(
    drawing: Drawing, manifest: Path, tiny_model: Path, damage: str
) -> None:
    lines = manifest.read_bytes().splitlines(keepends=True)
    last = drawing.folder / entries_of(drawing.folder)[-1]["files"][0]["path"]
    match damage:
        case "half a line":
            rewrite(manifest, [*lines[:-1], lines[-1][: len(lines[-1]) // 2]])
        case "no line":
            rewrite(manifest, lines[:-1])
        case "file gone":
            last.unlink()
        case "file cut":
            os.truncate(last, 100)
        case "twice":
            rewrite(manifest, [*lines, lines[-1]])
    last.with_name(f".{last.name}.0123.tmp").write_bytes(b"unfinished")
    drawn = draw_batch(drawing, 4, draw_here, lambda _done: None)
    assert drawn == (damage != "twice")
    assert_whole(drawing.folder, range(995, 999), tiny_model, drawing.request)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"cloud": "Ci"}, "cloud", "allowed: 'Cu', as the batch in"),
        ({"seed": 5}, "seed", "allowed: 995, as"),
        ({"outputs": (Output(size=1024),)}, "size", "allowed: 512, as"),
    ],
)
def test_another_batch_is_not_mixed_in(
    drawing: Drawing, manifest: Path, change: dict[str, object], field: str, words: str
) -> None:
    before = manifest.read_bytes()
    other = replace(drawing, request=replace(drawing.request, **change))
    with pytest.raises(InvalidField, match=words) as caught:
        draw_batch(other, 4, draw_here, lambda _done: None)
    assert caught.value.field == field
    assert manifest.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"[]\n", b'{"batch": 1}\n', b"\xff\n", b"notes\n" * 9])
def test_a_foreign_manifest_is_left_alone(drawing: Drawing, content: bytes) -> None:
    drawing.folder.mkdir()
    (drawing.folder / "manifest.jsonl").write_bytes(content)
    with pytest.raises(InvalidField, match="allowed: a manifest of skyserver, or none"):
        draw_batch(drawing, 1, draw_here, lambda _done: None)
    assert (drawing.folder / "manifest.jsonl").read_bytes() == content


def test_one_process_at_a_time(drawing: Drawing) -> None:
    with (
        opened(drawing),
        pytest.raises(InvalidField, match="a folder that no other batch is at"),
        opened(drawing),
    ):
        pass


def test_files_that_are_not_seen_from_here(drawing: Drawing) -> None:
    """As on a cluster whose machines do not share the folder."""

    def elsewhere(_drawing: Drawing, seeds):
        for seed in seeds:
            yield Entry(seed=seed, files=[{"path": f"{seed}.png", "bytes": 9, "sha256": ""}])

    with pytest.raises(OutputError, match=r"995\.png: not seen from here"):
        draw_batch(drawing, 1, elsewhere, lambda _done: None)
    assert entries_of(drawing.folder) == []


@pytest.mark.parametrize("count", [0, -1, 3])
def test_there_are_not_so_many_seeds(drawing: Drawing, count: int) -> None:
    drawing = replace(drawing, request=replace(drawing.request, seed=MAX_SEED - 1))
    with pytest.raises(InvalidField, match=f"count: {count} is not allowed; allowed: 1 to 2"):
        draw_batch(drawing, count, draw_here, lambda _done: None)
    assert not drawing.folder.exists()


def test_a_folder_that_cannot_be(drawing: Drawing) -> None:
    drawing.folder.write_text("a file")
    with pytest.raises(OutputError, match="skies: cannot be used"):
        draw_batch(drawing, 1, draw_here, lambda _done: None)


def test_the_header_says_what_is_drawn(drawing: Drawing, manifest: Path) -> None:
    header = json.loads(manifest.read_bytes().splitlines()[0])
    assert header["manifest"] == 1
    assert (header["batch"]["cloud"], header["batch"]["size"]) == ("Cu", 512)
    assert header["batch"]["model"] == drawing.digest
