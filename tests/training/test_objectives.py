import copy
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from training.augmentation import EVERY, PUBLISHED, AdaptiveAugment, DifferentiableAugment
from training.config import TrainConfig
from training.network import Generator, GeneratorConfig
from training.objectives import OBJECTIVES
from training.regularise import PATH_INTERVAL, R1_INTERVAL

TINY = GeneratorConfig(
    resolution=16, classes=2, z_dim=8, w_dim=8, channel_base=128, channel_max=8, mapping_lr=1.0
)
BATCH = 4


def config(**changed):
    plain = {"discriminator": "stylegan2", "augment": "none", "generator": TINY}
    return TrainConfig(data="", run="", kimg=1, batch=BATCH, **(plain | changed))


def made(options, seed=0):
    torch.manual_seed(seed)
    generator = Generator(options.generator)
    reals = torch.rand(8, 3, 16, 16) * 2 - 1
    return OBJECTIVES[options.discriminator](generator, options, torch.float32, reals)


def batch(seed, classes=2):
    random = torch.Generator().manual_seed(seed)
    reals = torch.rand(BATCH, 3, 16, 16, generator=random) * 2 - 1
    c = torch.eye(classes)[torch.arange(BATCH) % classes] if classes else None
    return reals, c, torch.randn(BATCH, TINY.z_dim, generator=random), c


def taken(objective, count, first=0, classes=2):
    """What some steps say."""
    return [objective.step(*batch(first + index, classes)) for index in range(count)]


def weights(module):
    return {name: value.detach().clone() for name, value in module.named_parameters()}


def moved(before, module):
    return {name for name, value in module.named_parameters() if (value != before[name]).any()}


def test_a_step_has_the_logistic_losses_of_its_networks():
    objective = made(config(r1_gamma=0.0))
    objective.generator.synthesis.forward = lambda *_, **__: fakes  # the same for both players
    fakes = torch.rand(BATCH, 3, 16, 16, requires_grad=True)
    reals, c, z, _ = batch(1)
    real, fake = (objective.discriminator(x, c) for x in (reals, fakes))
    said = objective.step(reals, c, z, c)
    assert said["loss_g"].item() == pytest.approx(F.softplus(-fake).mean().item(), rel=1e-5)
    expected = F.softplus(-real).mean() + F.softplus(fake).mean()
    assert said["loss_d"].item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("discriminator", ["stylegan2", "projected"])
@pytest.mark.parametrize("classes", [0, 2])
def test_every_part_learns_with_classes_and_without(discriminator, classes):
    """With everything on, all weights move and the figures are finite.

    The hinge loss pushes a logit's own bias up on reals as much as down on fakes.
    """
    shape = replace(TINY, classes=classes)
    objective = made(
        config(
            discriminator=discriminator,
            generator=shape,
            style_mixing=0.9,
            pl_weight=2.0,
            augment="ada-full",
        )
    )
    objective.augment.p = 0.5
    before = weights(objective.generator), weights(objective.discriminator)
    said = taken(objective, 2, classes=classes)
    assert all(value.isfinite() for stats in said for value in stats.values())
    still = weights(objective.generator).keys() - moved(before[0], objective.generator)
    assert still == set()
    trained = {n for n, p in objective.discriminator.named_parameters() if p.requires_grad}
    assert moved(before[1], objective.discriminator) <= trained
    balanced = {n for n in trained if discriminator == "projected" and n.endswith("logit.bias")}
    assert moved(before[1], objective.discriminator) >= trained - balanced
    assert objective.generator.mapping.w_avg.abs().sum() > 0


def test_penalties_are_paid_every_so_often():
    objective = made(config(pl_weight=2.0))
    said = taken(objective, R1_INTERVAL + 1)
    assert [i for i, s in enumerate(said) if "r1" in s] == [0, R1_INTERVAL]
    assert [i for i, s in enumerate(said) if "path" in s] == list(
        range(0, R1_INTERVAL + 1, PATH_INTERVAL)
    )


def test_path_lengths_even_out():
    """With the penalty alone, the spread of the lengths around their mean shrinks."""
    objective = made(config(pl_weight=2.0, lr_g=0.01))
    _, c, z, _ = batch(0)
    paid = [objective._regularise_paths(z, c).item() for _ in range(30)]
    assert sum(paid[-5:]) < 0.5 * sum(paid[:5])


def test_r1_flattens_the_discriminator_on_reals():
    objective = made(config(r1_gamma=10.0))
    reals, c, _, _ = batch(0)
    paid = [objective._regularise(reals, c).item() for _ in range(30)]
    assert paid[-1] < 0.2 * paid[0]


def test_frozen_blocks_stay():
    objective = made(config(freeze_d=1))
    before = weights(objective.discriminator)
    taken(objective, 2)
    changed = moved(before, objective.discriminator)
    assert changed == {name for name in before if not name.startswith("b16.")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"freeze_d": 3}, r"freeze_d: 3 is not allowed; allowed: 0 to 2"),
        (
            {"freeze_d": 1, "discriminator": "projected"},
            r"freeze_d: 1 .* frozen anyway; allowed: 0",
        ),
        ({"ramp_kimg": 5.0, "generator": replace(TINY, classes=0)}, r"ramp_kimg: 5 .*classes"),
    ],
)
def test_what_cannot_be_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        made(config(**options))


@pytest.mark.parametrize("discriminator", ["stylegan2", "projected"])
def test_class_signal_grows_with_the_run(discriminator):
    """At lambda 0 the game knows no classes; then the losses are L_u + lambda L_c."""
    objective = made(config(discriminator=discriminator, ramp_kimg=10.0))
    generator = objective.generator
    z, (one, other) = torch.randn(2, TINY.z_dim), torch.eye(2)[:, None].expand(-1, 2, -1)
    assert torch.equal(generator.mapping(z, one), generator.mapping(z, other))
    before = weights(generator), weights(objective.discriminator)
    taken(objective, 1)
    assert not any("embed" in name for name in moved(before[0], generator))
    changed = moved(before[1], objective.discriminator)
    assert not any("mapping" in n or "embed" in n or "out" in n for n in changed)
    assert changed

    losses = torch.tensor([[1.0, 10.0], [3.0, 30.0]])
    for kimg, strength in ((2.5, 0.25), (10.0, 1.0), (30.0, 1.0)):
        objective.progress(kimg)
        assert generator.mapping.class_strength == strength
        assert objective._joint(losses).mean().item() == pytest.approx(2 + strength * 20)
    assert not torch.allclose(generator.mapping(z, one), generator.mapping(z, other))
    taken(objective, 1, first=1)
    assert any("embed" in name for name in moved(before[0], generator))


def test_a_ramped_generator_is_an_ordinary_one_in_the_end():
    """Same names, and at full strength the same function, as without a ramp."""
    objective = made(config(ramp_kimg=1.0))
    objective.progress(1.0)
    plain = Generator(TINY)
    plain.load_state_dict(objective.generator.state_dict())
    z, c = torch.randn(2, TINY.z_dim), torch.eye(2)
    assert torch.equal(plain.mapping(z, c), objective.generator.mapping(z, c))


def test_a_restored_game_goes_on_as_the_one_that_was_saved():
    options = config(augment="ada", ada_kimg=0.02, pl_weight=2.0, style_mixing=0.9, ramp_kimg=1.0)
    first, second = made(options), made(options, seed=1)
    taken(first, 6)  # between two changes of p and between two penalties
    second.generator.load_state_dict(first.generator.state_dict())
    second.resume(copy.deepcopy(first.state()))
    assert first.augment.p > 0
    said = []
    for objective in (first, second):
        torch.manual_seed(9)
        objective.progress(0.4)
        said.append(taken(objective, 5, first=6))
    for a, b in zip(*said, strict=True):
        assert a.keys() == b.keys()
        assert all(torch.equal(a[name], b[name]) for name in a)


def test_another_runs_discriminator_is_taken_as_far_as_it_fits():
    source = made(config(generator=replace(TINY, resolution=8)), seed=1)
    target = made(config())
    new = target.discriminator.b16.conv0.weight.clone()
    target.initialise(source.state())
    assert torch.equal(target.discriminator.b8.conv0.weight, source.discriminator.b8.conv0.weight)
    assert torch.equal(target.discriminator.b16.conv0.weight, new)


@pytest.mark.parametrize(
    ("name", "kind", "operations"),
    [
        ("none", torch.nn.Identity, None),
        ("diffaugment", DifferentiableAugment, None),
        ("ada", AdaptiveAugment, PUBLISHED),
        ("ada-full", AdaptiveAugment, EVERY),
    ],
)
def test_augmentation_is_the_one_asked_for(name, kind, operations):
    augment = made(config(augment=name, ada_target=0.4, ada_kimg=70.0)).augment
    assert isinstance(augment, kind)
    if operations:
        assert (augment.operations, augment.target, augment.kimg) == (operations, 0.4, 70.0)
