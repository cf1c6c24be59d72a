"""Work of the window that ends before its time leaves nothing."""

from __future__ import annotations

from pathlib import Path

from gated_drawing import GatedDrawing
from live import wait_until
from window_editor import WindowEditor


def test_cancel_leaves_nothing(window: WindowEditor, gated: GatedDrawing) -> None:
    window.do("thumbnails")
    before = window.report["objects"]
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("until-stage", "Drawing the clouds")
    assert window.report["state"] == "Generating"
    assert window.element("progress")["shown"]
    assert not window.element("generate")["enabled"]
    window.do("click", "cancel")
    assert window.report["state"] == "Ready"
    assert window.element("message")["text"] == "Cancelled: nothing was kept."
    wait_until(lambda: not gated.running)
    gated.gate.set()
    window.do("wait", 0.5)
    assert window.assets() == set()
    assert window.report["history"] == []
    assert window.report["objects"] == before
    window.generate()
    assert len(window.report["history"]) == 1


def test_closing_the_window_cancels_and_leaves_no_texture(
    window: WindowEditor, gated: GatedDrawing
) -> None:
    gated.gate.set()
    window.generate()
    made = 1  # the panorama, an asset
    gated.gate.clear()
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("close")
    wait_until(lambda: not gated.running)
    assert window.report["objects"] == made
    assert window.report["logged"] == []


def test_a_reload_in_the_middle_is_told_after_it(
    window: WindowEditor, gated: GatedDrawing, exe: Path, address: str
) -> None:
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("reload")
    wait_until(lambda: not gated.running)
    assert window.assets() == set()
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert "generate it again" in after.element("message")["text"]
        after.do("close")
        after.open(address)
        assert not after.element("message")["shown"]
