import math

import pytest
import torch
from scipy import stats

from training.discriminator import Discriminator
from training.network import Generator, GeneratorConfig
from training.regularise import (
    PathLengthPenalty,
    gradient_penalty,
    lazy_adam,
    mixed_styles,
    path_lengths,
)

TINY = GeneratorConfig(
    resolution=8, classes=0, z_dim=8, w_dim=8, channel_base=64, channel_max=8, mapping_lr=1.0
)


@pytest.fixture
def generator():
    """In float64; noise strengths are zero."""
    torch.manual_seed(0)
    return Generator(TINY).double()


@pytest.fixture
def judge():
    """A discriminator in float64, to logits."""
    torch.manual_seed(0)
    net = Discriminator(TINY).double()
    return lambda images: net(images, None, dtype=torch.float64), net


def central_differences(function, x, step):
    """Of a scalar function, at each number of x."""
    gradient = torch.zeros_like(x)
    for index in range(x.numel()):
        change = torch.zeros_like(x)
        change.view(-1)[index] = step
        gradient.view(-1)[index] = (function(x + change) - function(x - change)) / (2 * step)
    return gradient


def test_gradient_penalty_is_that_of_finite_differences(judge):
    logits, _ = judge
    images = torch.randn(2, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        gradient = central_differences(lambda x: logits(x).sum(), images.detach(), 1e-6)
    expected = gradient.square().sum(dim=(1, 2, 3)).mean()
    assert gradient_penalty(logits(images), images).item() == pytest.approx(
        expected.item(), rel=1e-5
    )


def test_gradient_penalty_pulls_at_the_weights_as_finite_differences_say(judge):
    logits, net = judge
    images = torch.randn(2, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    weight = net.b8.fromrgb.weight

    def penalty(value):
        with torch.no_grad():
            weight.copy_(value)
        return gradient_penalty(logits(images), images)

    start = weight.detach().clone()
    penalty(start).backward()
    analytic = weight.grad.clone()
    numeric = central_differences(lambda value: penalty(value).detach(), start, 1e-6)
    assert torch.allclose(analytic, numeric, rtol=1e-4, atol=1e-7 * float(analytic.abs().max()))


def test_path_length_is_that_of_finite_differences(generator):
    """|J_w^T y| with the y that the function draws, J by central differences; the layers' mean."""
    ws = torch.randn(3, TINY.num_ws, TINY.w_dim, dtype=torch.float64, requires_grad=True)

    def draw(styles):
        return generator.synthesis(styles, noise="none", dtype=torch.float64)

    images = draw(ws)
    torch.manual_seed(5)
    lengths = path_lengths(images, ws)
    torch.manual_seed(5)
    y = torch.randn_like(images) / 8
    with torch.no_grad():
        gradient = central_differences(lambda x: (draw(x) * y).sum(), ws.detach(), 1e-6)
    expected = gradient.square().sum(dim=2).mean(dim=1).sqrt()
    assert torch.allclose(lengths, expected, rtol=1e-5)


def test_path_length_of_a_linear_map_is_its_frobenius_norm():
    """E |J^T y|² = |J|² / pixels."""
    torch.manual_seed(0)
    jacobian = torch.randn(4, 3 * 8 * 8, dtype=torch.float64)
    ws = torch.randn(4000, 1, 4, dtype=torch.float64, requires_grad=True)
    lengths = path_lengths((ws[:, 0] @ jacobian).view(-1, 3, 8, 8), ws)
    expected = jacobian.square().sum() / 64
    assert lengths.square().mean().item() == pytest.approx(expected.item(), rel=0.03)


def test_path_penalty_is_zero_where_lengths_are_their_mean_and_pulls_towards_it():
    """Pictures w * s: the length is |s| |sum y|, and the mean follows by a hundredth."""
    ws = torch.ones(64, 1, 1, requires_grad=True)
    penalty = PathLengthPenalty(torch.device("cpu"))
    torch.manual_seed(0)
    first = penalty(ws[:, :, :, None].expand(-1, 3, 8, 8), ws)
    torch.manual_seed(0)
    lengths = (torch.randn(64, 3, 8, 8) / 8).sum(dim=(1, 2, 3)).abs()
    assert penalty.mean.item() == pytest.approx(0.01 * lengths.mean().item(), rel=1e-5)
    expected = (lengths - 0.01 * lengths.mean()).square().mean()
    assert first.item() == pytest.approx(expected.item(), rel=1e-4)


def test_path_penalty_reaches_the_weights_as_finite_differences_say(generator):
    """Through the second derivative of the synthesis network, along one direction."""
    ws = torch.randn(2, TINY.num_ws, TINY.w_dim, dtype=torch.float64, requires_grad=True)
    weight = generator.synthesis.b8.conv0.weight
    direction = torch.randn_like(weight)
    start = weight.detach().clone()

    def penalty(step):
        with torch.no_grad():
            weight.copy_(start + step * direction)
        torch.manual_seed(7)
        images = generator.synthesis(ws, noise="none", dtype=torch.float64)
        return path_lengths(images, ws).square().mean()

    penalty(0.0).backward()
    analytic = (weight.grad * direction).sum().item()
    numeric = (penalty(1e-6) - penalty(-1e-6)).item() / 2e-6
    assert analytic == pytest.approx(numeric, rel=1e-5)


def test_styles_mix_from_a_random_layer_on(generator):
    torch.manual_seed(0)
    count, layers = 4000, TINY.num_ws
    z = torch.randn(count, TINY.z_dim)
    generator.float()
    ws = mixed_styles(generator, z, None, 0.9)
    first = generator.mapping(z, None)
    assert torch.equal(ws[:, 0], first)
    other = (ws != first[:, None]).any(dim=2)
    assert (other.int().diff(dim=1) >= 0).all()  # once mixed, mixed to the end
    counts = torch.bincount(other.sum(dim=1), minlength=layers)
    expected = [0.1 * count, *[0.9 * count / (layers - 1)] * (layers - 1)]
    assert stats.chisquare(counts.numpy(), expected).pvalue > 0.01
    assert (ws[other].view(-1, TINY.w_dim)[:1] != first[0]).any()


def test_without_mixing_every_layer_has_the_one_style(generator):
    z = torch.randn(2, TINY.z_dim)
    generator.float()
    state = torch.get_rng_state()
    ws = mixed_styles(generator, z, None, 0.0)
    assert torch.equal(ws, generator.mapping(z, None)[:, None].expand_as(ws))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("interval", [0, 4, 16])
def test_lazy_optimizer_makes_up_for_the_additional_steps(interval):
    """In one interval: the same decay of the moments, the same sum of rates."""
    optimizer = lazy_adam([torch.nn.Parameter(torch.zeros(1))], 0.002, interval)
    group, steps = optimizer.param_groups[0], interval + 1 if interval else 1
    assert group["lr"] * steps == pytest.approx(0.002 * max(interval, 1))
    assert group["betas"][1] ** steps == pytest.approx(0.99 ** max(interval, 1))
    assert math.isclose(group["betas"][0], 0)
