import json

import pytest

from training.experiments import config
from training.experiments.config import load, slug


def read(laboratory, change=len):
    path = laboratory / "config.json"
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))
    return load(path, laboratory / "data", laboratory / "runs")


def test_options_of_an_arm_come_on_top_of_the_shared_ones(laboratory):
    plan = read(laboratory)
    scratch, ramped, tuned = plan.arms
    assert (scratch.title, scratch.slug, scratch.reported_fid) == ("Scratch", "scratch", 134.5)
    assert (ramped.slug, ramped.config.transfer, ramped.config.ramp_kimg) == (
        "g-d-ramped",
        "gd",
        0.02,
    )
    assert not tuned.config.conditional
    assert scratch.config.generator.resolution == 16
    assert scratch.config.data == str(laboratory / "data" / "sky.zip")
    assert scratch.config.run == str(laboratory / "runs" / "scratch")
    assert plan.base.config.metric_features == ""
    assert (plan.base.config.kimg, scratch.config.kimg) == (0.016, 0.032)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.pop("base"), "'base' is missing"),
        (lambda v: v.update(extra=1), "'extra' is not allowed; allowed: arms, base, "),
        (lambda v: v["options"].update(depth=3), "'depth' is not allowed"),
        (lambda v: v["options"].update(run="x"), "'run' is not allowed"),
        (lambda v: v["options"].update(data="no.zip"), r"no\.zip is not there"),
        (lambda v: v["options"].update(batch=1), "batch: 1 is not allowed"),
        (lambda v: v["arms"][1]["options"].update(transfer="x"), "'G . D, ramped': transfer: 'x'"),
        (lambda v: v["arms"][0]["options"].update(metric_features=""), "'Scratch': metric_f"),
        (lambda v: v["arms"][0].update(title="G+D (ramped)"), "'g-d-ramped' is not allowed"),
        (lambda v: v["arms"][0].update(title="Base"), "'base' is not allowed"),
        (lambda v: v.update(seeds=[0, -1]), "seeds: -1 is not allowed; allowed: 0 to"),
        (lambda v: v["arms"].append(3), r"config\.json: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(laboratory, change, message):
    with pytest.raises(ValueError, match=message) as failed:
        read(laboratory, change)
    assert str(failed.value).startswith(str(laboratory / "config.json"))


def test_a_file_that_is_no_experiment(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config\.json: Expecting property name"):
        load(tmp_path / "config.json", tmp_path, tmp_path)
    with pytest.raises(ValueError, match=r"no\.json: cannot be read \(No such file"):
        load(tmp_path / "no.json", tmp_path, tmp_path)


def test_slugs_are_file_names():
    assert slug("G + D with ramp / x") == "g-d-with-ramp-x"


def test_the_experiments_that_are_shipped_are_well_formed(monkeypatch, tmp_path):
    """Their data sets may be absent."""
    monkeypatch.setattr(config.Path, "is_file", lambda _: True)
    shipped = sorted(config.Path(config.__file__).parent.glob("*/config.json"))
    assert shipped
    for path in shipped:
        plan = load(path, tmp_path, tmp_path)
        shared = {(a.config.kimg, a.config.batch, a.config.seed) for a in plan.arms}
        assert len(shared) == 1, "arms compare at the same length, batch and seed"
