import pytest
import torch

from skyserver.clouds import CLOUD_TYPES
from training import export
from training.cli.export import export_model
from training.network import GeneratorConfig
from training.start import untrained

SHAPE = {"resolution": 16, "z_dim": 8, "w_dim": 12, "channel_base": 128, "channel_max": 8}


@pytest.fixture
def exported(monkeypatch):
    """What the command hands to the exporter, which writes a few bytes in place of a file."""
    given = []

    def write(generator, facts, path, form):
        given.append((generator, facts, form))
        path.write_bytes(b"model")
        return 0.0

    monkeypatch.setattr(export, "export", write)
    return given


def test_an_untrained_network_of_any_shape(exported, tmp_path):
    export_model(output=tmp_path / "a.onnx", name="r", random=True, seed=3, form="fused", **SHAPE)
    ((generator, facts, form),) = exported
    assert (facts.name, facts.training, form) == ("r", {"kimg": 0, "seed": 3}, "fused")
    assert facts.classes == [cloud.code for cloud in CLOUD_TYPES]
    torch.manual_seed(3)
    expected = untrained(GeneratorConfig(**SHAPE)).state_dict()
    state = generator.state_dict()
    assert expected.keys() == state.keys()
    assert all(torch.equal(state[name], expected[name]) for name in expected)


def test_without_options_it_has_the_reports_size(exported, tmp_path):
    export_model(output=tmp_path / "a.onnx", random=True)
    ((generator, _, _),) = exported
    assert generator.config.resolution == 512
    assert sum(p.numel() for p in generator.parameters()) == pytest.approx(29e6, rel=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "--random: give a checkpoint or --random"),
        ({"source": "a.safetensors", "random": True}, "--random: give a checkpoint or --random"),
        ({"source": "a.safetensors", "w_dim": 8}, "--w-dim: 8 is not allowed; .* --random alone"),
        ({"source": "a.safetensors", "seed": 0}, "--seed: 0 is not allowed; .* --random alone"),
        ({"random": True, "cloud": "Cu"}, "--cloud: 'Cu' is not allowed; .* a checkpoint alone"),
        ({"random": True, "form": "half"}, "--form: 'half' .* allowed: unfused or fused"),
        ({"random": True, "preset": "sky65"}, "preset: 'sky65' is not allowed"),
        ({"random": True, "resolution": 48}, "resolution: 48 is not allowed"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        export_model(output=tmp_path / "x.onnx", **options)
    assert not list(tmp_path.iterdir())
