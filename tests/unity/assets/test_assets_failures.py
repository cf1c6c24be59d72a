"""A sky becomes an asset whole or not at all."""

from __future__ import annotations

import itertools

import pytest
from assets_editor import LAYOUTS, AssetsEditor


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("event", "error"), [("fail", "IOException"), ("cancel", "OperationCanceledException")]
)
def test_whatever_happens_in_the_middle_nothing_is_left(
    editor: AssetsEditor, event: str, error: str, layout: str
) -> None:
    size = 512 if layout == "Panoramic" else 128
    before = editor.files()
    objects = None
    for number in itertools.count():
        report = editor.make(event, number, Cloud="St", Layout=layout, Size=size)
        if not report["call"]:
            break  # the last call of Unity's came before
        assert report["error"] == error
        assert report["isEditing"] is False
        assert editor.files() == before, f"{event} in call {number}, {report['call']}"
        assert report["objects"] == (objects or report["objects"])
        objects = report["objects"]
    assert number > 10
    assert report["error"] == ""
    assert editor.files() > before
