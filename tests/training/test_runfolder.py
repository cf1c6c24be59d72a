import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from training import checkpoint, runfolder
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.network import Generator, GeneratorConfig
from training.runfolder import RunFolder, sample_grid

SHAPE = GeneratorConfig(resolution=8, classes=2, z_dim=8, w_dim=8, channel_base=64, channel_max=8)


@pytest.fixture
def config(tmp_path):
    run = str(tmp_path / "run")
    return TrainConfig("d.zip", run, kimg=10.0, generator=SHAPE, metric_kimg=1.0)


def kept(folder, config, kimg, loss=1.0):
    state = Checkpoint(config, kimg, ["a", "b"], {"G": {"x": torch.tensor([kimg])}})
    generator = Generator(config.generator)
    return folder.keep(state, {"loss_d": loss}, generator, torch.float32)


def test_a_tick_is_kept_in_every_form(config):
    folder = RunFolder(config, None, resumed=False)
    for kimg, loss in ((0.5, 2.0), (1.0, 1.5)):
        kept(folder, config, kimg, loss)
    folder.close()
    names = {path.name for path in folder.path.iterdir() if "tfevents" not in path.name}
    assert names == {
        "options.json",
        "log.jsonl",
        "checkpoint.safetensors",
        "samples-0000500.webp",
        "samples-0001000.webp",
    }
    assert TrainConfig.from_json((folder.path / "options.json").read_text()) == config
    lines = [json.loads(line) for line in (folder.path / "log.jsonl").read_text().splitlines()]
    assert [(line["kimg"], line["loss_d"]) for line in lines] == [(0.5, 2.0), (1.0, 1.5)]
    assert checkpoint.load(folder.last).kimg == 1.0
    with Image.open(folder.path / "samples-0000500.webp") as grid:
        assert grid.size == (8 * 8, 2 * 8)
    events = EventAccumulator(str(folder.path))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss_d")] == [(500, 2.0), (1000, 1.5)]
    assert [e.step for e in events.Images("samples")] == [500, 1000]


class Probe:
    """Gives one KID after the other."""

    def __init__(self, *values):
        self.values = list(values)

    def __call__(self, *_):
        return {"kid": self.values.pop(0)}


def test_the_best_by_kid_is_kept_also_over_a_stop(config):
    folder = RunFolder(config, None, resumed=False)
    folder.probe = Probe(5.0, 3.0, 4.0)
    assert [kept(folder, config, kimg) for kimg in (1.0, 2.0, 3.0)] == [
        {"kid": 5.0},
        {"kid": 3.0},
        {"kid": 4.0},
    ]
    folder.close()
    assert checkpoint.load(folder.best).kimg == 2.0
    assert checkpoint.load(folder.last).kimg == 3.0
    folder = RunFolder(config, None, resumed=True)
    folder.probe = Probe(3.5, 2.5)
    kept(folder, config, 4.0)
    assert checkpoint.load(folder.best).kimg == 2.0
    kept(folder, config, 5.0)
    assert checkpoint.load(folder.best).kimg == 5.0
    folder.close()


def test_kid_is_measured_as_often_as_asked_for_and_at_the_end(config):
    folder = RunFolder(config, None, resumed=False)
    folder.probe = Probe(*range(9))
    measured = [bool(kept(folder, config, kimg)) for kimg in (0.4, 0.8, 1.2, 1.6, 3.1, 3.9)]
    assert measured == [True, False, True, False, True, False]
    folder.close()
    folder = RunFolder(config, None, resumed=True)
    folder.probe = Probe(*range(9))
    measured = [bool(kept(folder, config, kimg)) for kimg in (3.95, 4.1, 10.0)]
    assert measured == [False, True, True]
    folder.close()


def test_without_a_feature_network_there_is_no_best(config):
    folder = RunFolder(config, None, resumed=False)
    assert kept(folder, config, 1.0) == {}
    assert not folder.best.exists()
    assert folder.least_kid == math.inf
    folder.close()


def test_the_folder_of_another_run_is_refused(config):
    folder = RunFolder(config, None, resumed=False)
    kept(folder, config, 1.0)
    folder.close()
    with pytest.raises(ValueError, match=r"run: holds the checkpoint of a run; go on with it \(--"):
        RunFolder(config, None, resumed=False)


def test_a_folder_that_cannot_be_written_is_named(config, tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ValueError, match=r"^[^\n]*run: cannot be written: [^\n]*$"):
        RunFolder(config, None, resumed=False)


def test_a_full_disk_after_the_checkpoint_is_named(config, monkeypatch):
    folder = RunFolder(config, None, resumed=False)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(ValueError, match=r"run: cannot be written: .*No space left"):
        kept(folder, config, 1.0)
    assert checkpoint.load(folder.last).kimg == 1.0
    folder.close()


def test_grids_show_the_same_latents_each_time():
    generator = Generator(SHAPE)
    grid = sample_grid(generator, 0, torch.float32)
    assert grid.shape == (2 * 8, runfolder.GRID_COLUMNS * 8, 3)
    assert (grid == sample_grid(generator, 0, torch.float32)).all()
    assert (grid != sample_grid(generator, 1, torch.float32)).any()
    rows = np.split(grid, 2)
    assert (rows[0] != rows[1]).any()


def test_grids_of_unconditional_and_of_many_classes_are_small():
    one, many = (
        GeneratorConfig(8, classes, z_dim=8, w_dim=8, channel_base=64, channel_max=8)
        for classes in (0, 47)
    )
    assert sample_grid(Generator(one), 0, torch.float32).shape == (4 * 8, 64, 3)
    assert sample_grid(Generator(many), 0, torch.float32).shape == (16 * 8, 64, 3)
