import io
from dataclasses import replace

import pytest
import torch
from rich.console import Console

from training.config import TrainConfig
from training.discriminator import Discriminator
from training.hyper import HyperGenerator
from training.loop import Training
from training.network import Generator, GeneratorConfig
from training.objectives.base import PACKAGED
from training.projected import ProjectedDiscriminator
from training.transfer import copy_matching, tables, take

SOURCE = GeneratorConfig(
    resolution=16, classes=0, z_dim=8, w_dim=12, channel_base=256, channel_max=16
)
CONDITIONAL = replace(SOURCE, classes=3)


def trained(network):
    """A network as training leaves one: biases and noise strengths are not zero."""
    for name, parameter in network.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            parameter.data.normal_(std=0.3)
    return network


@pytest.fixture
def source():
    torch.manual_seed(0)
    return trained(Generator(SOURCE))


@pytest.fixture
def judge():
    torch.manual_seed(1)
    return trained(Discriminator(SOURCE))


def kinds(rows, kind):
    return [row.name for row in rows if row.kind == kind]


def draw(generator, resolution=16):
    z = torch.randn(6, 8, generator=torch.Generator().manual_seed(2))
    classes = generator.config.classes
    c = torch.eye(classes)[torch.arange(6) % classes] if classes else None
    with torch.no_grad():
        image = generator(z, c, psi=0.7, noise="const")
    assert image.shape[-1] == resolution
    return image


def test_a_conditional_generator_draws_what_the_unconditional_one_drew(source):
    target = Generator(CONDITIONAL)
    rows = copy_matching(target, source.state_dict())
    assert (draw(target) - draw(source)).abs().max() < 1e-5
    assert kinds(rows, "reshaped") == ["mapping.fc0.weight"]
    assert kinds(rows, "new") == ["mapping.embed.weight", "mapping.embed.bias"]
    assert [row.name for row in rows] == list(target.state_dict())


def test_classes_part_in_the_generator_with_the_first_gradient(source):
    target = Generator(CONDITIONAL)
    copy_matching(target, source.state_dict())
    image = target(torch.randn(3, 8), torch.eye(3), noise="const")
    image.square().mean().backward()
    gradient = target.mapping.embed.weight.grad.t()
    assert (gradient.norm(dim=1) > 1e-4 * target.mapping.fc0.bias.grad.norm()).all()
    assert torch.nn.functional.cosine_similarity(gradient[0], gradient[1], dim=0) < 0.9


def test_the_start_is_exact_at_any_strength_of_the_class_signal(source):
    """A transitional run begins at 0."""
    target = Generator(CONDITIONAL)
    copy_matching(target, source.state_dict())
    target.mapping.class_strength.fill_(0.3)
    assert (draw(target) - draw(source)).abs().max() < 1e-5


def test_a_conditional_discriminator_judges_as_the_unconditional_one(judge):
    target = Discriminator(CONDITIONAL)
    rows = copy_matching(target, judge.state_dict())
    images = torch.randn(4, 3, 16, 16)
    with torch.no_grad():
        expected = judge(images, None)
        for c in torch.eye(3):
            torch.testing.assert_close(
                target(images, c.expand(4, -1)), expected, rtol=1e-4, atol=1e-4
            )
    assert kinds(rows, "reshaped") == ["b4.out.weight", "b4.out.bias"]
    assert all(name.startswith("mapping.") for name in kinds(rows, "new"))


def test_classes_part_in_the_discriminator_with_the_first_gradient(judge):
    target = Discriminator(CONDITIONAL)
    copy_matching(target, judge.state_dict())
    images = torch.randn(4, 3, 16, 16)
    gradients = []
    for c in torch.eye(3):
        (gradient,) = torch.autograd.grad(
            target(images, c.expand(4, -1)).sum(), target.b4.out.weight
        )
        gradients.append(gradient.flatten())
    similarity = torch.nn.functional.cosine_similarity(gradients[0], gradients[1], dim=0)
    assert similarity < 0.99


def test_a_transitional_discriminator_keeps_the_unconditional_logit_twice(judge):
    target = Discriminator(CONDITIONAL, transitional=True)
    rows = copy_matching(target, judge.state_dict())
    images, c = torch.randn(4, 3, 16, 16), torch.eye(3)[[0, 1, 2, 0]]
    with torch.no_grad():
        expected = judge(images, None).expand(-1, 2)
        torch.testing.assert_close(target(images, c), expected, rtol=1e-4, atol=1e-4)
    assert all(name.startswith("mapping.") for name in kinds(rows, "new"))
    again = Discriminator(CONDITIONAL, transitional=True)
    assert {row.kind for row in copy_matching(again, target.state_dict())} == {"copied"}
    conditional = copy_matching(again, Discriminator(CONDITIONAL).state_dict())
    assert kinds(conditional, "new") == ["b4.unconditional.weight", "b4.unconditional.bias"]


def test_a_projected_discriminator_gets_classes():
    source, target = ProjectedDiscriminator(16, 0), ProjectedDiscriminator(16, 3)
    held = {k: v for k, v in source.state_dict().items() if not k.startswith(PACKAGED)}
    rows = copy_matching(target, held)  # as a checkpoint holds it
    assert {name.split(".")[2] for name in kinds(rows, "new")} == {"embed"}
    images = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        mixtures = source.eval().features(images)
        for ours, theirs in zip(target.eval().features(images), mixtures, strict=True):
            assert torch.equal(ours, theirs)
        for ours, theirs in zip(target.heads, source.heads, strict=True):
            assert torch.equal(ours.logit.weight, theirs.logit.weight)


def test_between_networks_of_one_shape_everything_is_copied(source):
    target = Generator(SOURCE)
    rows = copy_matching(target, source.state_dict())
    assert {row.kind for row in rows} == {"copied"}
    assert torch.equal(draw(target), draw(source))


def test_other_classes_keep_all_but_the_embedding():
    source = trained(Generator(CONDITIONAL))
    rows = copy_matching(target := Generator(replace(SOURCE, classes=5)), source.state_dict())
    assert kinds(rows, "new") == ["mapping.embed.weight"]
    assert torch.equal(target.mapping.fc0.weight, source.mapping.fc0.weight)


def test_classes_can_be_left_behind():
    """Without its class columns a generator still reads z as it did."""
    source = Generator(CONDITIONAL)
    source.mapping.fc0.weight.data[:, 8:] = 0
    target = Generator(SOURCE)
    rows = copy_matching(target, source.state_dict())
    assert kinds(rows, "reshaped") == ["mapping.fc0.weight"]
    assert (draw(target) - draw(source)).abs().max() < 1e-5


def test_a_larger_generator_takes_the_blocks_that_exist(source):
    target = Generator(replace(CONDITIONAL, resolution=32))
    rows = copy_matching(target, source.state_dict())
    new = kinds(rows, "new")
    assert {name.rsplit(".b32.")[0] for name in new if ".b32." in name} == {"synthesis"}
    assert {name for name in new if ".b32." not in name} == {
        "mapping.embed.weight",
        "mapping.embed.bias",
    }
    upsampled = torch.nn.functional.avg_pool2d(draw(target, 32), 2)
    correlation = torch.corrcoef(torch.stack([upsampled.flatten(), draw(source).flatten()]))
    assert correlation[0, 1] > 0.9


def test_a_smaller_discriminator_takes_the_blocks_that_exist(judge):
    rows = copy_matching(Discriminator(replace(SOURCE, resolution=8)), judge.state_dict())
    assert {name.rsplit(".", 1)[0] for name in kinds(rows, "new")} == {"b8.fromrgb"}


def test_another_latent_size_is_not_taken_for_classes(source):
    """12 columns are not 8 of z and 4 of something else."""
    target = Generator(replace(SOURCE, z_dim=12))
    rows = copy_matching(target, source.state_dict())
    assert kinds(rows, "new") == ["mapping.fc0.weight"]
    target = Generator(replace(CONDITIONAL, w_dim=8))
    assert "mapping.fc0.weight" in kinds(copy_matching(target, source.state_dict()), "new")


def test_the_table_is_short_and_names_what_is_new(source):
    rows = copy_matching(Generator(replace(CONDITIONAL, resolution=32)), source.state_dict())
    console = Console(file=io.StringIO(), width=100)
    for drawn in tables({"G": rows, "G_ema": rows, "D": rows[:3]}):
        console.print(drawn)
    text, rest = console.file.getvalue().split("\nD ")
    assert text.startswith("G and G_ema")
    assert text.count("\n") < 20
    assert "embed" in rest
    assert "fc0.weight (12 x 8 -> 12 x 20)" in text
    assert "embed.weight, embed.bias" in text
    assert "torgb.affine.bias" in text


@pytest.fixture(scope="module")
def base(tiny_data, tmp_path_factory):
    """Checkpoint and options of an unconditional run."""
    config = TrainConfig(
        data=str(tiny_data),
        run=str(tmp_path_factory.mktemp("base")),
        kimg=0.008,
        generator=replace(SOURCE, classes=0),
        conditional=False,
        discriminator="stylegan2",
        augment="ada",
        batch=4,
        tick_kimg=0.008,
        precision="float32",
    )
    training = Training(config)
    training.run(Console(file=io.StringIO()))
    return training.state()


def transferred(base, tmp_path, choice, **options):
    config = replace(base.config, run=str(tmp_path), transfer=choice, conditional=True, **options)
    return Training(config, init=base)


@pytest.mark.parametrize("choice", ["g", "d", "gd", "hyper"])
def test_a_run_takes_what_was_asked_for(base, tmp_path, choice):
    training = transferred(base, tmp_path, choice)
    images = {part: draw(base.generator(part)) for part in ("G", "G_ema")}
    held = {"g": "G", "gd": "G", "hyper": "G_ema"}.get(choice)
    if held:
        assert (draw(training.generator) - images[held]).abs().max() < 1e-5
        assert (draw(training.averaged) - images["G_ema"]).abs().max() < 1e-5
    else:
        assert (draw(training.generator) - images["G"]).abs().max() > 0.01

    judge = Discriminator(SOURCE)
    judge.load_state_dict(base.parts["D"])
    c = torch.eye(2)[torch.arange(6) % 2]
    with torch.no_grad():
        given, taken = judge(images["G"], None), training.objective.discriminator(images["G"], c)
    same = bool((given - taken).abs().max() < 1e-4)
    assert same == (choice != "g")
    assert set(training.copied) == {
        *(("G", "G_ema") if held else ()),
        *(("D",) if choice != "g" else ()),
    }
    training.run(Console(file=io.StringIO()))
    assert training.kimg == pytest.approx(0.008)


def test_fine_tuning_without_classes_goes_on_from_everything(base, tmp_path):
    """The same command, with the labels of the new pictures ignored."""
    config = replace(base.config, run=str(tmp_path), transfer="gd")
    training = Training(config, init=base)
    rows = [row for part in training.copied.values() for row in part]
    assert {row.kind for row in rows} == {"copied"}


def test_a_hyper_run_keeps_the_source_and_resumes(base, tmp_path):
    training = transferred(base, tmp_path, "hyper")
    training.run(Console(file=io.StringIO()))
    state = training.state()
    source = base.parts["G_ema"]
    for part in ("G", "G_ema"):
        for name, tensor in source.items():
            assert torch.equal(state.parts[part][name], tensor), name
    assert (draw(training.generator) - draw(base.generator("G_ema"))).abs().max() > 1e-4
    again = Training(replace(state.config, kimg=0.016), resume=state)
    assert isinstance(again.generator, HyperGenerator)
    assert torch.equal(draw(again.averaged), draw(training.averaged))
    again.run(Console(file=io.StringIO()))
    assert again.kimg == pytest.approx(0.016)


@pytest.mark.parametrize(
    ("named", "resolution", "conditional"), [("conditional", 16, False), ("resolution", 8, True)]
)
def test_hyper_modulation_that_cannot_be_is_refused(base, named, resolution, conditional):
    shape = replace(base.config.generator, resolution=resolution)
    config = replace(base.config, generator=shape, transfer="hyper", conditional=conditional)
    with pytest.raises(ValueError, match=f"^{named}: .* is not allowed; allowed: "):
        Training(config, init=base)


def test_a_network_that_the_checkpoint_lacks_is_named():
    with pytest.raises(ValueError, match="holds no D; it holds: G, G_ema"):
        take("d", {"D": Discriminator(SOURCE)}, {"G": {}, "G_ema": {}})


def test_hyper_modulation_of_a_conditional_model_is_refused(base, tmp_path):
    conditional = transferred(base, tmp_path, "gd").state()
    with pytest.raises(ValueError, match="init: a model of 2 classes is not allowed"):
        Training(replace(conditional.config, transfer="hyper"), init=conditional)
