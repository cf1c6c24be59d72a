import json
from io import StringIO

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from training import checkpoint
from training.cli import app
from training.experiments import config, run
from training.experiments.results import curves
from training.loop import Training


def plan(laboratory):
    return config.load(laboratory / "config.json", laboratory / "data", laboratory / "runs")


def invoke(laboratory):
    options = ("--data", laboratory / "data", "--runs", laboratory / "runs")
    files = ("--config", laboratory / "config.json", "-o", laboratory / "results")
    return CliRunner().invoke(app, [str(a) for a in ("experiment", "tiny", *options, *files)])


def test_from_config_to_results(laboratory, monkeypatch):
    done = invoke(laboratory)
    assert done.exit_code == 0, done.output
    written = {path.name for path in (laboratory / "results").iterdir()}
    grids = {"scratch.webp", "g-d-ramped.webp", "fine-tune.webp"}
    assert written == {"results.md", "results.jsonl", "curves.png", *grids}
    lines = map(json.loads, (laboratory / "results" / "results.jsonl").read_text().splitlines())
    measured = {(line["arm"], line["kimg"]) for line in lines}
    titles = ("Scratch", "G + D, ramped", "Fine-tune")
    assert measured == {(title, kimg) for title in titles for kimg in (0.016, 0.032)}
    trained = checkpoint.load(laboratory / "runs" / "fine-tune" / "checkpoint.safetensors")
    assert trained.config.generator.classes == 0
    monkeypatch.setattr(run, "Training", None)  # what is done is not trained again
    assert invoke(laboratory).exit_code == 0


def test_a_run_that_was_stopped_goes_on_where_it_was(laboratory, monkeypatch):
    """Stopped in the middle of the second arm's first tick, all ends as in one go."""
    console = Console(file=StringIO())
    values = json.loads((laboratory / "config.json").read_text())
    values["arms"].pop()
    (laboratory / "config.json").write_text(json.dumps(values))
    run.run(plan(laboratory), console, lambda _: None)
    last = laboratory / "runs" / "g-d-ramped" / "checkpoint.safetensors"
    expected, expected_curve = checkpoint.load(last), curves(plan(laboratory).arms)[1]
    (laboratory / "runs").rename(laboratory / "other")

    step = Training.step

    def interrupted(self):
        self.interrupted = self.config.run.endswith("ramped")  # as Ctrl-C sets it
        return step(self)

    finished = []
    with monkeypatch.context() as patched:
        patched.setattr(Training, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.run(plan(laboratory), console, lambda arm: finished.append(arm.slug))
    assert finished == ["scratch"]
    assert checkpoint.load(last).kimg == 0.008
    run.run(plan(laboratory), console, lambda arm: finished.append(arm.slug))
    assert finished == ["scratch", "scratch", "g-d-ramped"]
    found = checkpoint.load(last)
    assert found.kimg == expected.kimg
    for name, tensor in expected.parts["G_ema"].items():
        torch.testing.assert_close(found.parts["G_ema"][name], tensor, atol=1e-6, rtol=0)
    points = {point.kimg: point for point in curves(plan(laboratory).arms)[1].points}
    for point in expected_curve.points:
        assert points[point.kimg].fd == pytest.approx(point.fd, rel=1e-4)


def test_other_options_than_a_run_began_with_are_refused(laboratory):
    console = Console(file=StringIO())
    experiment = plan(laboratory)
    run.train(experiment.base.config, experiment.base.config, console)
    values = json.loads((laboratory / "config.json").read_text())
    values["options"]["batch"] = 4
    (laboratory / "config.json").write_text(json.dumps(values))
    with pytest.raises(ValueError, match=r"base: was begun with other options(.|\n)*batch +8 +4"):
        run.train(plan(laboratory).base.config, experiment.base.config, console)


def test_chosen_runs_alone_are_trained(laboratory):
    console, finished = Console(file=StringIO()), []
    run.run(plan(laboratory), console, lambda arm: finished.append(arm.slug), ["scratch"])
    assert finished == ["scratch"]
    assert [path.name for path in (laboratory / "runs").iterdir()] == ["scratch"]


def test_an_arm_does_not_take_from_a_base_that_is_not_trained(laboratory):
    console = Console(file=StringIO())
    with pytest.raises(ValueError, match=r"base.*: the base has to be trained to 0.016 kimg"):
        run.run(plan(laboratory), console, lambda _: None, ["fine-tune"])
    assert not (laboratory / "runs").exists()


def test_a_run_that_the_experiment_does_not_have_is_named(laboratory):
    with pytest.raises(ValueError, match="only: 'd-only' is not allowed; allowed: base, scratch, "):
        run.run(plan(laboratory), Console(file=StringIO()), lambda _: None, ["d-only"])
