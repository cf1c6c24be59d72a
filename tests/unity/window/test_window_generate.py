"""Skies that the window makes."""

from __future__ import annotations

import pytest
from window_editor import LIBRARY, WindowEditor, size_of


@pytest.mark.parametrize(("layout", "textures"), [("Panoramic", 1), ("6 Sided", 6), ("Cubemap", 1)])
def test_generate(window: WindowEditor, layout: str, textures: int) -> None:
    window.do("enter", "layout", layout)
    window.do("enter", "folder", "Assets/Mine")
    report = window.generate()
    (sky,) = (path for path in window.assets() if path.endswith(".asset"))
    assert report["message"] == f"Made {sky}."
    assert sky.startswith("Assets/Mine/")
    assert sum(path.endswith(".png") for path in window.assets()) == textures
    assert report["skybox"] == next(path for path in window.assets() if path.endswith(".mat"))
    (entry,) = report["history"]
    assert entry["Recipe"]["Seed"] == window.recipe()["Seed"]
    assert len(entry["Recipe"]["ModelDigest"]) == 64
    assert entry["Recipe"]["ModelName"] == "tiny"
    assert size_of(window.project / LIBRARY / "history" / f"{entry['Id']}.jpg") == (1024, 512)
    window.do("undo")
    assert window.report["skybox"] == ""


def test_a_locked_seed_stays_and_another_does_not(shared_window: WindowEditor) -> None:
    seeds = []
    for _ in range(2):
        shared_window.generate()
        seeds.append(shared_window.recipe()["Seed"])
    shared_window.do("enter", "seed", "5")
    for _ in range(2):
        shared_window.generate()
        seeds.append(shared_window.recipe()["Seed"])
    assert seeds[0] != seeds[1]
    assert seeds[2:] == ["5", "5"]
    assert [entry["Recipe"]["Seed"] for entry in shared_window.report["history"]] == seeds[::-1]
    shared_window.do("click", "roll")
    assert shared_window.recipe()["Seed"] not in seeds


def test_a_sky_need_not_go_into_the_scene(window: WindowEditor) -> None:
    window.do("enter", "apply", "false")
    assert window.generate()["skybox"] == ""


def test_in_play_mode_the_sky_stays_and_the_scene_does_not(window: WindowEditor) -> None:
    window.do("play", "true")
    report = window.generate()
    assert report["skybox"].endswith(".mat")
    assert "when play mode ends" in report["message"]
    assert len(report["history"]) == 1


def test_a_sky_whose_sun_cannot_be_followed_is_made(window: WindowEditor) -> None:
    window.do("enter", "align", "true")
    report = window.generate()
    assert not report["failed"]
    assert len(report["message"]) > len("Made ") + 40  # and why the sun stays
    assert len(report["history"]) == 1


def test_four_variations_and_one_of_them_in_full(window: WindowEditor) -> None:
    window.do("enter", "seed", "18446744073709551614")
    window.do("click", "vary")
    report = window.until("Ready")
    pictures = [window.element(f"variation-{index}") for index in range(4)]
    assert all(picture["pictured"] and picture["enabled"] for picture in pictures)
    seeds = [picture["tooltip"].split(":")[0] for picture in pictures]
    assert seeds == [f"Seed {seed}" for seed in (2**64 - 2, 2**64 - 1, 0, 1)]
    assert window.assets() == set()
    assert report["history"] == []
    window.do("click", "variation-2")
    report = window.until("Ready")
    assert window.recipe()["Seed"] == "0"
    assert report["history"][0]["Recipe"]["Seed"] == "0"


def test_a_disk_that_refuses_is_told(shared_window: WindowEditor) -> None:
    (shared_window.project / "Assets" / "Full").write_text("a file, not a folder")
    shared_window.do("enter", "folder", "Assets/Full")
    shared_window.do("click", "generate")
    report = shared_window.until("Failed")
    assert "Assets/Full" in report["message"]
    assert report["history"] == []
    assert report["logged"] == []
