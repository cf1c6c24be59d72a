import published_networks as reference
import pytest
import torch

from training import checkpoint, discriminator, network, published, start
from training.cli import app

CHANNELS = {4: 16, 8: 16, 16: 8}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def imported(tmp_path, classes=0, clamp=256, **options):
    """A published generator and discriminator, and what was read from their file."""
    generator = reference.Generator(CHANNELS, classes, clamp=clamp, **options)
    judge = reference.Discriminator(CHANNELS, classes, clamp=clamp)
    path = tmp_path / "network-snapshot-000100.pkl"
    running = reference.Generator(CHANNELS, classes, **options)
    reference.write(path, G=running, D=judge, G_ema=generator)
    return generator, judge, published.import_pickle(path)


def load(kind, result, part):
    net = kind(result.checkpoint.config.generator)
    net.load_state_dict(result.checkpoint.parts[part])
    return net.eval()


def latents(classes):
    z = torch.randn(4, 12)
    return z, torch.eye(classes)[[0, 1, 2, 1]] if classes else None


@torch.no_grad()
@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("clamp", [None, 256, 1.0])
@pytest.mark.parametrize("psi", [1.0, 0.6])
def test_pictures_are_those_of_the_published_generator(tmp_path, classes, clamp, psi):
    theirs, _, result = imported(tmp_path, classes, clamp)
    ours = load(network.Generator, result, "G_ema")
    z, c = latents(classes)
    exact = theirs.double()
    wide = (z.double(), None if c is None else c.double(), psi)
    expected = exact(*wide)
    assert torch.allclose(expected, exact(*wide, fused=False), atol=1e-9)
    assert expected.std() > 0.3
    for fused in (False, True):
        given = ours(z, c, psi, noise="const", fused=fused)
        assert (given - expected).abs().max() < 1e-4


@torch.no_grad()
@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("clamp", [None, 256, 1.0])
def test_logits_are_those_of_the_published_discriminator(tmp_path, classes, clamp):
    _, theirs, result = imported(tmp_path, classes, clamp)
    assert result.notes == []
    ours = load(discriminator.Discriminator, result, "D")
    images, (_, c) = torch.randn(8, 3, 16, 16), latents(classes)
    c = None if c is None else c.repeat(2, 1)
    expected = theirs.double()(images.double(), None if c is None else c.double())
    assert expected.std() > 0.01
    assert (ours(images, c) - expected).abs().max() < 1e-4


def test_the_shape_is_read_from_the_file(tmp_path):
    _, _, result = imported(tmp_path, classes=3, mapping_layers=5)
    assert result.checkpoint.config.generator == network.GeneratorConfig(
        resolution=16,
        classes=3,
        z_dim=12,
        w_dim=10,
        mapping_layers=5,
        mapping_lr=0.01,
        channel_base=128,
        channel_max=16,
        conv_clamp=256,
    )
    assert result.checkpoint.classes == ["0", "1", "2"]


def test_the_running_generator_and_its_average_are_kept_apart(tmp_path):
    _, _, result = imported(tmp_path)
    parts = result.checkpoint.parts
    assert set(parts) == {"G", "G_ema", "D"}
    assert not torch.equal(parts["G"]["synthesis.b4.const"], parts["G_ema"]["synthesis.b4.const"])


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_every_protocol_of_the_time_is_read(tmp_path, protocol):
    path = tmp_path / "average.pkl"
    theirs = reference.Generator(CHANNELS)
    reference.write(path, protocol, G_ema=theirs)
    result = published.import_pickle(path)
    assert result.notes == ["without the discriminator: D: missing"]
    state = theirs.state_dict()
    for part in ("G", "G_ema"):
        assert all(torch.equal(state[n], t) for n, t in result.checkpoint.parts[part].items())


def test_channels_last_and_half_precision_weights_keep_their_values(tmp_path):
    theirs = reference.Generator(CHANNELS)
    layer = theirs.synthesis.b8.conv1
    layer.weight.data = layer.weight.data.to(memory_format=torch.channels_last)
    layer.bias.data = layer.bias.data.half()
    path = tmp_path / "last.pkl"
    reference.write(path, G_ema=theirs)
    state = published.import_pickle(path).checkpoint.parts["G_ema"]
    assert torch.equal(state["synthesis.b8.conv1.weight"], layer.weight)
    assert torch.equal(state["synthesis.b8.conv1.bias"], layer.bias.float())


def test_another_architecture_is_refused_by_name(tmp_path):
    path = tmp_path / "other.pkl"
    theirs = reference.Generator(CHANNELS)

    def refused(message):
        reference.write(path, G_ema=theirs)
        with pytest.raises(ValueError, match=message) as caught:
            published.import_pickle(path)
        assert str(caught.value).startswith(f"{path}: G_ema: ")
        assert "\n" not in str(caught.value)

    theirs.synthesis.b8.architecture = "resnet"
    refused("architecture 'resnet' is not allowed; allowed: skip")
    theirs.synthesis.b8.architecture = "skip"
    theirs.synthesis.b8.conv0.weight = torch.nn.Parameter(torch.randn(16, 16, 1, 1))
    refused(r"synthesis.b8.conv0.weight is \(16, 16, 1, 1\); expected: \(16, 16, 3, 3\)")
    theirs.synthesis.b8.conv0.weight = torch.nn.Parameter(torch.full((16, 16, 3, 3), torch.nan))
    refused("holds numbers that are not finite")
    theirs.synthesis.b8.extra = torch.nn.Linear(1, 1)
    refused("synthesis.b8.extra.weight' is not known here")
    theirs.synthesis.input = type("SynthesisInput", (reference.Persistent,), {})()
    refused("StyleGAN3 is not allowed; allowed: StyleGAN2-ADA")


def test_a_foreign_discriminator_is_left_out_and_said_so(tmp_path):
    path = tmp_path / "foreign.pkl"
    judge = reference.Discriminator(CHANNELS, group_size=8)
    reference.write(path, G_ema=reference.Generator(CHANNELS), D=judge)
    result = published.import_pickle(path)
    assert "D" in result.checkpoint.parts
    assert "had 8 pictures; here 4" in result.notes[0]
    judge.b16.architecture = "orig"
    reference.write(path, G_ema=reference.Generator(CHANNELS), D=judge)
    result = published.import_pickle(path)
    assert "D" not in result.checkpoint.parts
    assert "architecture 'orig' is not allowed; allowed: resnet" in result.notes[0]


def test_a_run_starts_from_it_and_does_not_go_on_with_it(tmp_path):
    _, _, result = imported(tmp_path, classes=3)
    with pytest.raises(ValueError, match="holds networks alone; init starts a run"):
        start.check_resumable(result.checkpoint, result.checkpoint.config, ["0", "1", "2"])
    started, averaged = start.generators(result.checkpoint.config, result.checkpoint)
    z, c = latents(3)
    assert not torch.equal(started(z, c, noise="none"), averaged(z, c, noise="none"))


def test_the_command_writes_a_checkpoint_with_named_classes(tmp_path):
    theirs, output = tmp_path / "theirs.pkl", tmp_path / "ours.safetensors"
    reference.write(theirs, G_ema=reference.Generator(CHANNELS, 3))

    def run(classes):
        app(["import-pkl", str(theirs), "-o", str(output), "--classes", classes], "training")

    with pytest.raises(ValueError, match="classes: 2 names for the 3 classes"):
        run("Ac,As")
    assert not output.exists()
    with pytest.raises(SystemExit) as finished:
        run("Ac,As,Cb")
    assert finished.value.code == 0
    loaded = checkpoint.load(output)
    assert loaded.classes == ["Ac", "As", "Cb"]
    assert set(loaded.parts) == {"G", "G_ema"}
