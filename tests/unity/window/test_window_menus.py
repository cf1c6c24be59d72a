"""The package's menu items."""

from __future__ import annotations

from pathlib import Path

import pytest
from window_editor import WindowEditor

CREATE = "Assets/Create/SkyServer/Skybox from Cloud Type"
CONVERT = "Assets/Convert to Skybox"
ALIGN = "GameObject/Light/Align Sun With Skybox"


def test_create_makes_a_sky_where_the_selection_is(
    editor: WindowEditor, address: str, panorama: Path
) -> None:
    editor.do("setting", "address", address)
    editor.do("import", panorama, "Assets/Levels")
    editor.do("select", "Assets/Levels/panorama.png")
    assert editor.do("menu", CREATE)["open"]
    editor.until("Generating")
    editor.until("Ready")
    assert editor.report["message"].startswith("Made Assets/Levels/")


def test_convert_takes_textures_alone(editor: WindowEditor, address: str, panorama: Path) -> None:
    editor.do("setting", "address", address)
    assert not editor.do("enabled", CONVERT)["done"]
    editor.do("import", panorama, "Assets")
    editor.do("select", "Assets/panorama.png")
    assert editor.do("enabled", CONVERT)["done"]
    editor.do("menu", CONVERT)
    editor.until("Generating")
    report = editor.until("Ready")
    assert report["message"] == "Made Assets/Skies/Sky panorama/Sky panorama.asset."
    assert report["history"][0]["Recipe"]["SourceGuid"]
    assert not editor.element("reuse")["enabled"]
    editor.do("select", "Assets/Skies/Sky panorama/Sky panorama.asset")
    assert not editor.do("enabled", CONVERT)["done"]


def test_the_sun_is_aligned_only_where_there_is_one(window: WindowEditor) -> None:
    assert not window.do("enabled", ALIGN)["done"]
    window.generate()
    window.do("sun", 0.1)
    assert not window.do("enabled", ALIGN)["done"]
    window.do("sun", 0.9)
    assert window.do("menu", ALIGN)["done"]
    assert "no directional light" in window.report["asked"]
    window.do("light")
    window.do("enter", "rotation", 0)
    assert window.do("menu", ALIGN)["done"]
    assert window.report["sunForward"] == pytest.approx(1)  # the sky's sun is at -Z
