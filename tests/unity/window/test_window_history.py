"""What the window remembers of former skies, and of the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from window_editor import LIBRARY, WindowEditor


def test_reuse(shared_window: WindowEditor) -> None:
    shared_window.do("click", "cloud-St")
    shared_window.do("enter", "psi", "0.25")
    shared_window.do("enter", "seed", "11")
    shared_window.generate()
    shared_window.do("click", "cloud-Cu")
    shared_window.do("enter", "psi", "1")
    shared_window.do("enter", "seed", "12")
    shared_window.do("click", "history/reuse")
    recipe = shared_window.recipe()
    assert (recipe["Cloud"], recipe["Psi"], recipe["Seed"]) == ("St", 0.25, "11")
    assert shared_window.report["draft"]["LockSeed"]


def test_reveal_and_delete(window: WindowEditor) -> None:
    window.generate()
    window.do("click", "history/reveal")
    assert window.report["selected"].endswith(".asset")
    window.do("agree", "false")
    window.do("click", "history/delete")
    assert "cannot be undone" in window.report["asked"]
    assert len(window.report["history"]) == 1
    window.do("agree", "true")
    window.do("click", "history/delete")
    assert window.report["history"] == []
    assert not any(Path(path).suffix for path in window.assets())
    assert [path.name for path in (window.project / LIBRARY / "history").iterdir()] == [
        "history.json"
    ]


def test_a_sky_that_was_deleted_says_so(window: WindowEditor) -> None:
    window.generate()
    (sky,) = (path for path in window.assets() if path.endswith(".asset"))
    window.do("delete", Path(sky).parent)
    texts = [element["text"] for element in window.report["elements"]]
    assert f"{Path(sky).stem} (deleted)" in texts
    assert not window.element("reveal")["enabled"]
    assert window.element("delete")["text"] == "Forget"
    window.do("click", "history/reuse")
    window.do("click", "history/delete")
    assert window.report["history"] == []
    assert window.report["asked"] == ""


def test_the_history_outlives_the_editor(window: WindowEditor, exe: Path, address: str) -> None:
    window.generate()
    history = window.report["history"]
    window.do("reload")
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert after.report["history"] == history
        assert after.report["fieldOfView"] > 0  # the last sky is shown


def test_the_draft_outlives_the_window(window: WindowEditor, exe: Path, address: str) -> None:
    window.do("click", "cloud-Ns")
    window.do("enter", "seed", "7")
    window.do("enter", "exposure", "3")
    window.do("reload")
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert after.recipe()["Cloud"] == "Ns"
        assert after.recipe()["Seed"] == "7"
        assert after.recipe()["Exposure"] == 3
        assert not after.element("message")["shown"]


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"Entries": 5}', '{"Entries": [{"Id": "../x"}]}']
)
def test_broken_files_never_break_the_window(
    shared_editor: WindowEditor, address: str, broken: str
) -> None:
    for name in ("draft.json", "history/history.json"):
        path = shared_editor.project / LIBRARY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(broken)
    shared_editor.open(address)
    assert shared_editor.report["history"] == []
    shared_editor.generate()
    assert len(shared_editor.report["history"]) == 1
    assert shared_editor.report["logged"] == []
