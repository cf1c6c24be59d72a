import math

import pytest
import torch

from training.looking.source import Source
from training.looking.walk import slerp, walk

STOPS = [Source("Cu", 1), Source("St", 2), Source("Xx", 3)]


@pytest.mark.parametrize("space", ["z", "w"])
def test_a_walk_passes_every_stop(sampler, space):
    w = walk(sampler, STOPS, 30, 0.8, space)
    for index, stop in enumerate(STOPS):
        torch.testing.assert_close(w[10 * index], sampler.style(*stop, 0.8), atol=1e-5, rtol=0)


@pytest.mark.parametrize("space", ["z", "w"])
def test_the_loop_closes_without_a_seam(sampler, space):
    w = walk(sampler, STOPS, 300, 1.0, space)
    steps = (w.roll(-1, 0) - w).norm(dim=1)
    assert steps[-1] < 1.5 * steps[200:].median()
    assert steps.max() < 0.1 * (w[0] - w[100]).norm()


def test_straight_in_w(sampler):
    w = walk(sampler, STOPS[:2], 4, 1.0, "w")
    torch.testing.assert_close(w[1], (w[0] + w[2]) / 2)
    torch.testing.assert_close(w[3], w[1])


def test_class_weights_go_over_with_the_latent_kept(sampler):
    """Half way between two classes of one seed lies the style of half of each."""
    w = walk(sampler, [Source("Cu", 1), Source("St", 1)], 4, 1.0, "z")
    half = (sampler.weights("Cu") + sampler.weights("St")) / 2
    torch.testing.assert_close(w[1], sampler.styles(sampler.latent(1)[None], half[None], 1.0)[0])


def test_an_unconditional_model_walks_between_seeds(unconditional):
    w = walk(unconditional, [Source("", 1), Source("", 2)], 6, 1.0, "z")
    torch.testing.assert_close(w[3], unconditional.style("", 2, 1.0))


def test_slerp_turns_at_an_even_pace():
    """A quarter of a right angle at a quarter of the way."""
    a, b = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 5.0]])
    for t in (0.0, 0.25, 0.5, 1.0):
        turned = slerp(a, b, torch.tensor([[t]]))[0]
        expected = [math.cos(t * math.pi / 2), math.sin(t * math.pi / 2)]
        torch.testing.assert_close(turned, torch.tensor(expected))


def test_slerp_between_equal_directions_stays():
    a = torch.tensor([[0.6, 0.8]])
    torch.testing.assert_close(slerp(a, 2 * a, torch.tensor([[0.3]])), a)
