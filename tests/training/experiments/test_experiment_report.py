import io
from dataclasses import replace

import numpy as np
from PIL import Image

from training.config import TrainConfig
from training.experiments import config, report
from training.experiments.config import Arm
from training.experiments.floor import Floor
from training.experiments.results import Curve, Measurement, curves

CONFIG = TrainConfig("sky.zip", "run", 10.0)
FLOOR = Floor(1000, 14.2, 0.0)


def curve(title, fds, reported=None, conditional=True):
    arm = Arm(title, replace(CONFIG, conditional=conditional), reported)
    points = [Measurement(5.0 * i, fd, 2 * fd) for i, fd in enumerate(fds, 1)]
    return Curve(arm, points, 1.5)


def test_the_table_is_ordered_by_the_last_fd():
    lines = report.table([curve("slow", [90, 80]), curve("fast", [30, 40])], FLOOR, 64)
    assert "FD 14.2, KID 0.0" in lines[0]
    assert lines[-2:] == [
        "| fast | 10 | 40.0 | 80.0 | 60.0 | 5 | 1.5 |",
        "| slow | 10 | 80.0 | 160.0 | 160.0 | 10 | 1.5 |",
    ]


def test_the_order_is_compared_pair_by_pair():
    """Reported a < b < c; here b < a < c: one of three pairs is reversed."""
    found = [
        curve("c", [70], 134.5),
        curve("a", [50], 25.55),
        curve("b", [40], 29.0),
        curve("d", [1]),
    ]
    lines = report.order(found)
    assert lines[0] == "Of 3 pairs with a reported FID, 2 have the same order here by FD."
    assert lines[-3:] == [
        "| a | b | 25.55, 29 | 50.0, 40.0 | reversed |",
        "| a | c | 25.55, 134.5 | 50.0, 70.0 | same |",
        "| b | c | 29, 134.5 | 40.0, 70.0 | same |",
    ]
    assert report.order([curve("alone", [3], 9.0)]) == []


def test_the_plot_is_a_picture_that_shows_every_arm():
    empty = np.asarray(Image.open(io.BytesIO(report.plot([], FLOOR))).convert("RGB"))
    two = report.plot([curve("a", [9, 5]), curve("b", [8, 7], conditional=False)], FLOOR)
    pixels = np.asarray(Image.open(io.BytesIO(two)).convert("RGB"))
    for colour in ([31, 119, 180], [255, 127, 14]):  # the first two of matplotlib
        assert (pixels == colour).all(axis=2).sum() > 100
        assert not (empty == colour).all(axis=2).any()


def test_a_log_is_read_as_it_was_last_written(laboratory):
    plan = config.load(laboratory / "config.json", laboratory / "data", laboratory / "runs")
    folder = laboratory / "runs" / "scratch"
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text(
        '{"kimg": 1.0, "sec_per_kimg": 2}\n'
        '{"kimg": 2.0, "sec_per_kimg": 2, "kid": 9, "fd": 8}\n'
        '{"kimg": 2.0, "sec_per_kimg": 5, "kid": 7, "fd": 6}\n'
    )
    (found,) = curves(plan.arms)
    assert found.points == [Measurement(2.0, 6, 7)]
    assert found.sec_per_kimg == 3
    assert found.best == found.last


def test_without_results_there_is_a_table_without_rows(laboratory):
    plan = config.load(laboratory / "config.json", laboratory / "data", laboratory / "runs")
    report.write(plan, FLOOR, laboratory / "results")
    assert (laboratory / "results" / "results.jsonl").read_text() == ""
    assert (laboratory / "results" / "results.md").read_text().endswith("|---|\n")
