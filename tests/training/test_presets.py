from dataclasses import replace

import pytest

from training import presets

OWN = {"data": "d.zip", "run": "r", "kimg": 1.0}


@pytest.mark.parametrize("name", presets.PRESETS)
def test_every_preset_is_a_valid_configuration_of_its_resolution(name):
    config = presets.configure({**presets.options(name), **OWN})
    assert name.endswith(str(config.generator.resolution))
    assert (config.discriminator == "stylegan2") == name.startswith("stylegan2")


@pytest.mark.parametrize(
    ("name", "gamma", "batch", "ema_kimg"),
    [
        ("stylegan2-256", 0.8192, 16, 5.0),
        ("stylegan2-512", 6.5536, 8, 2.5),
        ("stylegan2-1024", 52.4288, 4, 1.25),
    ],
)
def test_published_settings(name, gamma, batch, ema_kimg):
    """The figures that the published `auto` configuration prints for one GPU."""
    options = presets.options(name)
    assert options["r1_gamma"] == pytest.approx(gamma)
    assert (options["batch"], options["ema_kimg"]) == (batch, ema_kimg)


def test_unknown_presets_are_refused_with_the_list():
    with pytest.raises(ValueError, match="preset: 'sky9' is not allowed; allowed: sky64, "):
        presets.options("sky9")


def test_options_by_name_go_before_the_preset():
    config = presets.configure({**presets.options("sky128"), **OWN, "w_dim": 32, "lr_g": 0.5})
    assert (config.generator.w_dim, config.lr_g, config.generator.resolution) == (32, 0.5, 128)


def test_flat_is_the_inverse():
    config = presets.configure({**presets.options("stylegan2-64"), **OWN})
    assert presets.configure(presets.flat(config)) == config


def source(**shape):
    options = {**presets.options("sky64"), **OWN, "lr_g": 0.5, "w_dim": 32, "transfer": "gd"}
    config = presets.configure(options)
    return replace(config, generator=replace(config.generator, **shape))


def test_a_run_that_begins_with_another_keeps_its_options():
    options = presets.beginning_with(source(), "", {})
    assert (options["lr_g"], options["w_dim"], options["resolution"]) == (0.5, 32, 64)
    assert options["transfer"] == "none"


def test_a_named_preset_gives_all_but_the_shape():
    options = presets.beginning_with(source(), "sky128", {})
    assert (options["lr_g"], options["w_dim"], options["resolution"]) == (1e-3, 32, 128)


@pytest.mark.parametrize(
    ("classes", "given", "conditional"),
    [(0, {}, False), (0, {"transfer": "gd"}, True), (11, {}, True)],
)
def test_an_unconditional_model_stays_so_unless_it_is_transferred(classes, given, conditional):
    options = presets.beginning_with(source(classes=classes), "", given)
    assert options["conditional"] is conditional
