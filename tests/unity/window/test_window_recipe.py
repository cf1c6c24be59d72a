"""The recipe of the next sky, as the window's controls change it."""

from __future__ import annotations

import pytest
from window_editor import LIBRARY, WindowEditor, size_of

from skyserver.clouds import CLOUD_TYPES
from skyserver.model import SkyModel


@pytest.fixture
def window(shared_window: WindowEditor) -> WindowEditor:
    return shared_window


def test_the_types_have_pictures_names_and_descriptions(window: WindowEditor) -> None:
    window.do("thumbnails")
    window.do("wait", 0.1)
    for cloud in CLOUD_TYPES:
        cell = window.element(f"cloud-{cloud.code}")
        assert cell["pictured"]
        assert cloud.description in cell["tooltip"]
        window.do("click", f"cloud-{cloud.code}")
        assert window.recipe()["Cloud"] == cloud.code
        assert window.element(f"cloud-{cloud.code}")["chosen"]
        texts = [element["text"] for element in window.report["elements"]]
        assert cloud.name in texts
        assert cloud.description in texts
    assert sum(element["chosen"] for element in window.report["elements"]) == 1


def test_pictures_are_asked_for_once(window: WindowEditor, model: SkyModel) -> None:
    window.do("thumbnails")
    kept = list((window.project / LIBRARY / "thumbnails" / model.info.digest).iterdir())
    assert {path.stem for path in kept} == {cloud.code for cloud in CLOUD_TYPES}
    assert all(size_of(path) == (128, 128) for path in kept)
    times = [path.stat().st_mtime_ns for path in kept]
    window.do("click", "connect")
    window.until("Ready")
    window.do("thumbnails")
    assert [path.stat().st_mtime_ns for path in kept] == times


@pytest.mark.parametrize(
    ("control", "value", "field", "expected"),
    [
        ("mix-with", "cirrus", "MixWith", "Ci"),
        ("mix-share", "0.25", "MixShare", 0.25),
        ("seed", "18446744073709551615", "Seed", "18446744073709551615"),
        ("psi", "0.5", "Psi", 0.5),
        ("layout", "6 Sided", "Layout", 1),
        ("layout", "Cubemap", "Layout", 2),
        ("size", "1024 x 512", "Size", 1024),
        ("below", "Mirror", "Below", "mirror"),
        ("below", "Colour", "Below", "#59636b"),
        ("below-colour", "#102030", "Below", "#102030"),
        ("tint", "#ff0000", "Tint", {"r": 1, "g": 0, "b": 0, "a": 1}),
        ("exposure", "2.5", "Exposure", 2.5),
        ("rotation", "90", "Rotation", 90),
    ],
)
def test_every_control_changes_the_recipe(
    window: WindowEditor, control: str, value: str, field: str, expected: object
) -> None:
    before = dict(window.recipe())
    window.do("enter", control, value)
    assert window.recipe()[field] == expected
    changed = {name for name in before if before[name] != window.recipe()[name]}
    assert changed == ({field, "Size"} if control == "layout" else {field})


@pytest.mark.parametrize(
    ("control", "field", "value"),
    [
        ("apply", "ApplyToScene", False),
        ("align", "AlignSun", True),
        ("lock-seed", "LockSeed", True),
    ],
)
def test_every_switch_switches(window: WindowEditor, control: str, field: str, value: bool) -> None:
    assert window.report["draft"][field] is not value
    window.do("enter", control, str(value).lower())
    assert window.report["draft"][field] is value


def test_every_control_says_what_it_does(window: WindowEditor) -> None:
    controls = ("Button", "Slider", "Toggle", "TextField", "DropdownField", "ColorField")
    named = [element for element in window.report["elements"] if element["kind"] in controls]
    assert len(named) > 30
    assert all(len(element["tooltip"]) > 8 for element in named)


def test_only_what_matters_is_shown(window: WindowEditor) -> None:
    assert not window.element("mix-share")["shown"]
    assert not window.element("below-colour")["shown"]
    window.do("enter", "mix-with", "stratus")
    window.do("enter", "below", "Colour")
    assert window.element("mix-share")["shown"]
    assert window.element("below-colour")["shown"]


def test_a_type_is_not_mixed_with_itself(window: WindowEditor) -> None:
    window.do("click", "cloud-Cu")
    assert "cumulus" not in window.element("mix-with")["choices"]
    window.do("enter", "mix-with", "cirrus")
    window.do("click", "cloud-Ci")
    assert window.recipe()["MixWith"] == ""


@pytest.mark.parametrize("text", ["", "cloud", "-1", "1.5", "18446744073709551616"])
def test_what_is_no_seed_is_told_and_changes_nothing(window: WindowEditor, text: str) -> None:
    window.do("enter", "seed", "42")
    window.do("enter", "seed", text)
    assert window.recipe()["Seed"] == "42"
    assert window.element("seed")["text"] == "42"
    assert "whole number" in window.element("message")["text"]


@pytest.mark.parametrize("text", ["", "Packages/Skies", "Assets/../outside", "/tmp"])
def test_what_is_no_folder_is_told_and_changes_nothing(window: WindowEditor, text: str) -> None:
    window.do("enter", "folder", "Assets/Mine")
    window.do("enter", "folder", text)
    assert window.element("folder")["text"] == "Assets/Mine"
    assert "Assets" in window.element("message")["text"]


def test_a_folder_is_chosen_in_the_project_only(window: WindowEditor) -> None:
    window.do("choose", window.project / "Assets" / "Chosen")
    window.do("click", "browse")
    assert window.element("folder")["text"] == "Assets/Chosen"
    window.do("choose", "/somewhere/else")
    window.do("click", "browse")
    assert window.element("folder")["text"] == "Assets/Chosen"
    assert window.element("message")["shown"]


def test_arrows_walk_along_the_types(window: WindowEditor) -> None:
    first, second, *_ = (cloud.code for cloud in CLOUD_TYPES)
    window.do("key", f"cloud-{first}", "RightArrow")
    assert window.element(f"cloud-{second}")["focused"]
    window.do("key", f"cloud-{second}", "LeftArrow")
    assert window.element(f"cloud-{first}")["focused"]
