from __future__ import annotations

import pytest

from skyserver.errors import ServerUnavailable
from skyserver.scrape import Scrape, Stretch

TEXT = """\
# TYPE skyserver_start_time_seconds gauge
skyserver_start_time_seconds 900
# TYPE skyserver_calls_total counter
skyserver_calls_total{{method="Generate",status="OK"}} {ok}
skyserver_calls_total{{method="Generate",status="NOT_FOUND"}} {lost}
# TYPE skyserver_call_seconds histogram
skyserver_call_seconds_bucket{{method="Generate",le="1"}} {short}
skyserver_call_seconds_bucket{{method="Generate",le="3"}} {middle}
skyserver_call_seconds_bucket{{method="Generate",le="+Inf"}} {ok}
skyserver_call_seconds_count{{method="Generate"}} {ok}
skyserver_call_seconds_sum{{method="Generate"}} {total}
"""


def scrape(time: float, *, ok: int, lost: int, short: int, middle: int, total: float) -> Scrape:
    text = TEXT.format(ok=ok, lost=lost, short=short, middle=middle, total=total)
    return Scrape.read(text, time)


BEFORE = scrape(1000, ok=100, lost=5, short=100, middle=100, total=50)
AFTER = scrape(1010, ok=120, lost=8, short=105, middle=115, total=90)


def test_rates_are_of_the_stretch_between() -> None:
    seen = Stretch(BEFORE, AFTER)
    assert seen.rate("skyserver_calls_total", status="OK") == 2.0
    assert seen.rate("skyserver_calls_total", method="Generate") == 2.3
    assert seen.mean("skyserver_call_seconds", method="Generate") == 2.0


def test_without_a_first_one_it_is_since_the_start() -> None:
    assert Stretch(None, BEFORE).rate("skyserver_calls_total", status="OK") == 1.0


def test_a_server_that_started_anew_counts_from_nothing() -> None:
    assert Stretch(AFTER, BEFORE).grown("skyserver_calls_total", status="OK") == 100


@pytest.mark.parametrize(
    ("share", "seconds"),
    [
        (0.25, 1.0),  # the five short ones
        (0.5, 2.0),  # half of the ten between 1 and 3
        (0.75, 3.0),
        (0.95, 3.0),  # above the last bound: that bound
    ],
)
def test_quantiles_are_those_of_histogram_quantile(share: float, seconds: float) -> None:
    """As Prometheus documents it: linear inside a bucket, the last bound for what is above."""
    found = Stretch(BEFORE, AFTER).quantile(share, "skyserver_call_seconds", method="Generate")
    assert found == pytest.approx(seconds)


def test_nothing_observed_is_no_time() -> None:
    seen = Stretch(AFTER, AFTER)
    assert seen.quantile(0.5, "skyserver_call_seconds") is None
    assert seen.mean("skyserver_call_seconds") is None


@pytest.mark.parametrize("text", ["", "<html>", "other_total 1\n", "skyserver_calls_total one\n"])
def test_what_are_no_metrics_of_a_skyserver_is_refused(text: str) -> None:
    with pytest.raises(ServerUnavailable, match="what it sent are not"):
        Scrape.read(text, 0)


def test_a_label_cannot_steer_the_terminal() -> None:
    read = Scrape.read('skyserver_calls_total{method="\x1b[2J"} 1\n', 0)
    assert read.labels("skyserver_calls_total", "method") == ["?[2J"]
