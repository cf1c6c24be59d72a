"""Each distribution against its closed form, by Kolmogorov and Smirnov's test where it is
continuous."""

import math

import pytest
import torch
from scipy import stats

from training.augmentation.draws import Draws

COUNT = 20_000


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def draws(p):
    return Draws(COUNT, p, torch.device("cpu"))


def looks_like(values, distribution):
    return stats.kstest(values.flatten().numpy(), distribution.cdf).pvalue > 0.01


def test_certain_draws_have_their_distribution():
    certain = draws(1.0)
    assert looks_like(certain.uniform(0.3), stats.uniform(-0.3, 0.6))
    assert looks_like(certain.normal(0.2), stats.norm(0, 0.2))
    factor = certain.log_normal(0.5)  # Lognormal(0, (0.5 ln 2)²)
    assert looks_like(factor, stats.lognorm(0.5 * math.log(2)))
    counts = torch.bincount(certain.integers(4).flatten(), minlength=4)
    assert stats.chisquare(counts.numpy()).pvalue > 0.01


@pytest.mark.parametrize(
    ("draw", "neutral"),
    [
        (lambda d: d.uniform(1.0), 0),
        (lambda d: d.normal(1.0), 0),
        (lambda d: d.log_normal(1.0), 1),
        (lambda d: d.happens().float(), 0),
    ],
    ids=["uniform", "normal", "log_normal", "happens"],
)
def test_a_draw_happens_with_its_probability_and_is_neutral_otherwise(draw, neutral):
    deviation = math.sqrt(0.3 * 0.7 / COUNT)
    happened = (draw(draws(0.3)) != neutral).float().mean()
    assert happened == pytest.approx(0.3, abs=4 * deviation)
    assert (draw(draws(0.0)) == neutral).all()


def test_integers_are_zero_more_often_than_not():
    """Of k numbers each other one has the probability p / k."""
    frequencies = torch.bincount(draws(0.4).integers(4).flatten(), minlength=4) / COUNT
    assert frequencies[1:].tolist() == pytest.approx([0.1] * 3, abs=0.01)


def test_columns_share_the_chance_but_not_the_number():
    pairs = draws(0.5).normal(1.0, columns=2)
    assert ((pairs == 0).all(dim=1) | (pairs != 0).all(dim=1)).all()
    drawn = pairs[pairs[:, 0] != 0]
    assert abs(torch.corrcoef(drawn.t())[0, 1]) < 4 / math.sqrt(len(drawn))
