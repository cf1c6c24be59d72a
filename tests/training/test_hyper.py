from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from skyserver.model import SkyModel
from training import export
from training.config import TrainConfig
from training.discriminator import Discriminator
from training.hyper import (
    CODE,
    ClasswiseDiscriminator,
    HyperGenerator,
    HyperLayer,
    bake_one,
    barlow_twins,
    build,
)
from training.network import Generator, GeneratorConfig
from training.objectives import OBJECTIVES
from training.served import ServedGenerator
from training.transfer import copy_matching

SOURCE = GeneratorConfig(
    resolution=16, classes=0, z_dim=8, w_dim=12, channel_base=128, channel_max=8, latent_input=True
)
HYPER = replace(SOURCE, classes=3, hyper_rank=4)
Z = torch.randn(6, 8, generator=torch.Generator().manual_seed(2))
C = torch.eye(3)[[0, 1, 2, 0, 1, 2]]


@pytest.fixture
def source():
    torch.manual_seed(0)
    generator = Generator(SOURCE)
    for name, parameter in generator.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            parameter.data.normal_(std=0.3)
    generator.mapping.w_avg.normal_(std=0.1)
    return generator


@pytest.fixture
def aligned(source):
    hyper = HyperGenerator(HYPER)
    copy_matching(hyper, source.state_dict())
    return hyper


@pytest.fixture
def apart(aligned):
    """A hyper-modulated generator whose classes differ, as after training."""
    torch.manual_seed(3)
    aligned.mapping.codes.embed.data.normal_()
    return aligned


def draw(generator, c=C, psi=0.7):
    with torch.no_grad():
        return generator(Z, c, psi=psi, noise="const")


def features(generator, c):
    """Features of every block, as the paper's self-alignment compares them."""
    collected = []
    hooks = [
        block.register_forward_hook(lambda _m, _a, output: collected.append(output[0]))
        for block in generator.synthesis.children()
    ]
    generator(Z, c, noise="const")
    for hook in hooks:
        hook.remove()
    return collected


def distance(hyper, source):
    """L1 over the features of every block: what the paper's self-alignment minimises."""
    with torch.no_grad():
        wanted = features(source, None)
    return sum((a - b).abs().mean() for a, b in zip(features(hyper, C), wanted, strict=True))


def test_every_class_draws_what_the_source_draws(aligned, source):
    assert (draw(aligned) - draw(source, None)).abs().max() < 1e-5
    assert distance(aligned, source) < 1e-5


def test_no_descent_on_the_papers_objective_comes_as_near(aligned, source):
    """Alignment as published, from the same network with random heads."""
    for layer in aligned.modules():
        if isinstance(layer, HyperLayer):
            layer.head.bias.data.zero_()
    trained = [p for p in aligned.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=5e-3, betas=(0.0, 0.99))
    start = distance(aligned, source).item()
    for _ in range(12):
        optimizer.zero_grad()
        distance(aligned, source).backward()
        optimizer.step()
    descended = distance(aligned, source).item()
    assert 1e-3 < descended < 0.9 * start
    aligned.align()
    assert distance(aligned, source).item() < 1e-5


def test_heads_and_codes_learn_from_the_first_step(aligned):
    aligned(Z, C, noise="const").square().mean().backward()
    gradient = aligned.mapping.codes.embed.grad
    assert (gradient.abs().sum(dim=1) > 0).all()
    assert not torch.allclose(gradient[0], gradient[1])  # classes part
    assert (aligned.synthesis.b8.conv0.head.weight.grad.abs().sum(dim=1) > 0).all()


def test_training_moves_nothing_of_the_source(aligned, source):
    optimizer = torch.optim.Adam(aligned.parameters(), lr=0.01, betas=(0.0, 0.99))
    for _ in range(3):
        optimizer.zero_grad()
        aligned(Z, C).square().mean().backward()
        optimizer.step()
        aligned.mapping.track_average(aligned.mapping(Z, C))
    state = aligned.state_dict()
    for name, tensor in source.state_dict().items():
        assert torch.equal(state[name], tensor), name
    images = draw(aligned)
    assert (images - draw(source, None)).abs().max() > 0.01
    assert {name.split(".")[-2] for name, p in aligned.named_parameters() if p.requires_grad} == {
        "codes", "0", "1", "2", "3", "conv0", "conv1", "head",
    }  # fmt: skip


def test_modulation_is_that_of_the_paper(apart):
    """W = s (Gamma * W^ + B) per filter, written out in float64."""
    layer = apart.synthesis.b8.conv0
    code = apart.mapping.codes()[1]
    head = layer.head(code[None])[0].detach().double().numpy()
    gamma, beta, bias = np.split(head, [4, 8])
    w = layer.weight.detach().double().numpy()
    s = np.sqrt((w**2).mean())
    factors = {
        name: getattr(layer, name).detach().double().numpy()
        for name in ("gamma_out", "gamma_in", "beta_out", "beta_in")
    }
    expected = np.empty_like(w)
    for o in range(w.shape[0]):
        for i in range(w.shape[1]):
            mu, sigma = w[o, i].mean(), w[o, i].std()
            rank = np.sqrt(4)
            big_gamma = (
                sigma / s + factors["gamma_out"][o] @ (gamma * factors["gamma_in"][i]) / rank
            )
            big_beta = mu / s + factors["beta_out"][o] @ (beta * factors["beta_in"][i]) / rank
            expected[o, i] = s * (big_gamma * (w[o, i] - mu) / sigma + big_beta)
    weight, shift = layer.weights(code[None])
    np.testing.assert_allclose(weight[0].detach().numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(
        shift[0].detach().numpy(), layer.bias.detach().double().numpy() + bias, atol=1e-5
    )


def test_baked_classes_draw_what_the_live_network_draws(apart):
    for label, generator in apart.bake().items():
        assert type(generator) is Generator
        c = torch.eye(3)[label].expand(6, -1)
        images = draw(apart, c)
        error = (draw(generator, None) - images).abs().max() / images.std()
        assert error < 1e-5
        assert generator.config == SOURCE


def test_classes_differ_in_one_batch(apart):
    images = draw(apart)
    alone = torch.cat([draw(apart, C[i : i + 1].expand(6, -1))[i : i + 1] for i in range(6)])
    assert (images - alone).abs().max() < 1e-5
    same_latent = apart(Z[:1].expand(3, -1), torch.eye(3), noise="const")
    assert (same_latent[0] - same_latent[1]).abs().max() > 0.05


def test_truncation_keeps_the_class(apart):
    images = draw(apart, psi=0.0)
    assert (images[0] - images[3]).abs().max() < 1e-5  # one class, two latents
    assert (images[0] - images[1]).abs().max() > 0.01


def test_the_exported_model_draws_classes_and_mixtures(apart, tmp_path):
    path = tmp_path / "hyper.onnx"
    facts = export.ModelFacts("hyper", ["Ac", "As", "Cb"], "MIT", {})
    assert export.export(apart, facts, path) < 1e-4
    assert SkyModel.load(path).info.layers == HYPER.num_ws
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    z = Z[:1, None].expand(-1, HYPER.num_ws, -1)
    mixture = torch.tensor([[0.3, 0.7, 0.0]])
    feed = {"z": z.numpy(), "c": mixture.numpy(), "psi": np.ones(1, np.float32)}
    (image,) = session.run(None, feed)
    with torch.no_grad():
        expected = apart(Z[:1], mixture, noise="const").clamp(-1, 1)
        served = ServedGenerator(apart)(z, mixture, torch.ones(1))
    np.testing.assert_allclose(image, expected.numpy(), atol=1e-4)
    np.testing.assert_allclose(served.numpy(), expected.numpy(), atol=1e-5)


def test_build_makes_what_the_configuration_says():
    assert type(build(SOURCE)) is Generator
    assert type(build(HYPER)) is HyperGenerator
    assert build(HYPER).mapping(Z, C).shape == (6, 12 + CODE)


def test_a_class_is_needed(aligned):
    with pytest.raises(ValueError, match="c: None is not allowed"):
        aligned(Z, None)
    with pytest.raises(ValueError, match="c: None is not allowed"):
        ClasswiseDiscriminator(HYPER)(torch.randn(4, 3, 16, 16), None)


def test_classwise_discriminator_starts_as_the_sources(source):
    judge, target = Discriminator(SOURCE), ClasswiseDiscriminator(HYPER)
    judge.b4.out.bias.data.fill_(0.3)
    rows = copy_matching(target, judge.state_dict())
    assert [row.name for row in rows if row.kind != "copied"] == ["b4.out.weight", "b4.out.bias"]
    images = draw(source, None)
    with torch.no_grad():
        torch.testing.assert_close(target(images, C), judge(images, None))
        target.b4.out.bias[2] += 1
        moved = (target(images, C) - judge(images, None)).flatten()
    torch.testing.assert_close(moved, C[:, 2], atol=1e-5, rtol=1e-5)


def test_barlow_twins_is_the_published_loss():
    a, b = torch.randn(16, 5), torch.randn(16, 5)
    correlation = np.corrcoef(a.numpy(), b.numpy(), rowvar=False)[:5, 5:]
    diagonal = np.diag(correlation)
    expected = ((1 - diagonal) ** 2).sum()
    expected += 0.005 * ((correlation**2).sum() - (diagonal**2).sum())
    assert float(barlow_twins(a, b)) == pytest.approx(expected, rel=1e-3)


def test_barlow_twins_does_not_see_scale_and_is_least_for_independent_equals():
    basis = torch.linalg.qr(torch.randn(64, 6) - 0.0)[0]
    basis = torch.linalg.qr(basis - basis.mean(dim=0))[0]
    assert float(barlow_twins(basis, 3 * basis + 2)) < 1e-3
    assert float(barlow_twins(basis[:, :1].expand(-1, 6), basis)) > 1


def test_classwise_discriminator_reads_the_picture_as_the_source_did():
    frozen = [n for n, p in ClasswiseDiscriminator(HYPER).named_parameters() if not p.requires_grad]
    assert frozen == ["b16.fromrgb.weight", "b16.fromrgb.bias"]


def test_the_twins_loss_is_added_with_its_weight():
    reals = torch.rand(8, 3, 16, 16) * 2 - 1
    c, z = torch.eye(3)[torch.arange(8) % 3], torch.randn(8, 8)
    said = []
    for weight in (0.0, 0.5):
        torch.manual_seed(5)
        options = TrainConfig(
            "", "", 1.0, HYPER, discriminator="stylegan2", augment="none", twins_weight=weight
        )
        objective = OBJECTIVES["stylegan2"](build(HYPER), options, torch.float32, reals)
        features = objective.discriminator.describe(reals)
        said.append(objective.step(reals, c, z, c))
    expected = barlow_twins(features, features).item()
    assert said[1]["twins"].item() == pytest.approx(expected, rel=1e-4)
    difference = (said[1]["loss_d"] - said[0]["loss_d"]).item()
    assert difference == pytest.approx(0.5 * expected, rel=1e-4)
    assert "twins" not in said[0]


@pytest.mark.parametrize(("rank", "classes"), [(-1, 3), (4, 0)])
def test_a_rank_that_cannot_be_is_refused(rank, classes):
    with pytest.raises(ValueError, match=f"hyper_rank: {rank} is not allowed with {classes}"):
        replace(SOURCE, classes=classes, hyper_rank=rank)


def test_one_class_is_parted_by_its_code(apart):
    codes = ["Ac", "As", "Cb"]
    alone = bake_one(apart, codes, "As")
    assert (draw(alone, None)[1] - draw(apart)[1]).abs().max() < 1e-4
    with pytest.raises(ValueError, match="cloud: 'Xx' is not allowed; allowed: Ac, As, Cb"):
        bake_one(apart, codes, "Xx")
    with pytest.raises(ValueError, match="only the classes of a hyper-modulated"):
        bake_one(alone, codes, "As")
