import json

import pytest

from training.config import TrainConfig
from training.network import GeneratorConfig


def config(**options):
    return TrainConfig(**{"data": "d.zip", "run": "r", "kimg": 1.0, **options})


def test_json_round_trip():
    given = config(batch=8, augment="ada", generator=GeneratorConfig(resolution=64, classes=3))
    assert TrainConfig.from_json(given.to_json()) == given


def test_unknown_options_are_refused_by_name():
    text = config().to_json().replace('"batch"', '"bunch"')
    with pytest.raises(ValueError, match="bunch"):
        TrainConfig.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("discriminator", "x"),
        ("augment", "some"),
        ("transfer", "e"),
        ("precision", "int8"),
        ("batch", 1),
        ("kimg", 0),
        ("kimg", float("nan")),
        ("lr_g", -1),
        ("lr_d", float("inf")),
        ("r1_gamma", -1),
        ("pl_weight", -2.0),
        ("style_mixing", 1.5),
        ("ada_target", -0.1),
        ("ada_kimg", 0),
        ("freeze_d", -1),
        ("ramp_kimg", -1.0),
        ("ema_rampup", -0.05),
        ("metric_kimg", 0),
        ("seed", -1),
    ],
)
def test_bad_options_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"^{field}: .* is not allowed; allowed: "):
        config(**{field: value})


def test_options_of_an_earlier_release_mean_what_they_did():
    """The StyleGAN2 game had its adaptive augmentation before there was a choice."""
    values = json.loads(config(discriminator="stylegan2", augment="none").to_json())
    del values["augment"]
    assert TrainConfig.from_json(json.dumps(values)).augment == "ada"
    values["discriminator"] = "projected"
    assert TrainConfig.from_json(json.dumps(values)).augment == "diffaugment"
