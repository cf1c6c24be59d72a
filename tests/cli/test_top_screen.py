from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from skyserver.cli.top_screen import screen
from skyserver.pipeline import STAGES
from skyserver.scrape import Scrape, Stretch


def scrape(
    running: int = 1, waiting: int = 0, callers: int = 2, cpu: float = 50.0, time: float = 1100.0
) -> Scrape:
    """Of a server with five places that has answered since second 1000."""
    lines = [
        f"skyserver_cpu_seconds_total {cpu}",
        "skyserver_start_time_seconds 1000",
        'skyserver_server_info{version="1.2.3"} 1',
        f"skyserver_queue_running {running}",
        f"skyserver_queue_waiting {waiting}",
        "skyserver_queue_places 5",
    ]
    for number in range(callers):
        labels = f'method="Generate",caller="artist-{number}-of-a-whole-studio"'
        lines.append(f'skyserver_calls_total{{{labels},status="OK"}} {100 * number}')
        lines.append(f'skyserver_calls_total{{{labels},status="RESOURCE_EXHAUSTED"}} 100')
    lines.append('skyserver_calls_total{method="Describe",caller="artist-0",status="OK"} 1')
    for stage in ("queue", *STAGES):
        lines.append(f'skyserver_stage_seconds_sum{{stage="{stage}"}} 10')
        lines.append(f'skyserver_stage_seconds_count{{stage="{stage}"}} 10')
    return Scrape.read("\n".join(lines) + "\n", time)


def shown(after: Scrape, before: Scrape | None = None, **console: object) -> str:
    output = io.StringIO()
    Console(file=output, width=80, **console).print(screen("sky.lan:8080", Stretch(before, after)))
    return output.getvalue()


def test_forty_callers_fit_into_a_terminal_of_the_usual_size() -> None:
    lines = shown(scrape(callers=40)).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert re.search(r"artist-39-of-a-whol… +40\.00", text)  # 39 that ended well a second, and 1
    rest = sum(number + 1 for number in range(35)) + 0.01
    assert re.search(rf"36 others +{rest:.2f}", text)


def test_six_callers_are_all_named() -> None:
    assert "others" not in shown(scrape(callers=5))
    assert shown(scrape(callers=5)).count("-of-a-whole") == 5


@pytest.mark.parametrize(
    ("running", "waiting", "colour"), [(1, 0, "32"), (1, 2, "33"), (1, 4, "31")]
)
def test_the_queue_is_coloured_by_how_full_it_is(running: int, waiting: int, colour: str) -> None:
    """Green, yellow, red as ANSI numbers them."""
    text = shown(scrape(running, waiting), force_terminal=True, color_system="standard")
    line = next(line for line in text.splitlines() if "at work" in line)
    assert re.search(rf"\x1b\[{colour}m━+.*\x1b\[{colour}m{running} at work, {waiting} wait", line)
    assert ("(full)" in line) == (colour == "31")


def test_the_processor_is_of_the_time_between_two_looks() -> None:
    """What one look shows has the start of the processes in it, of before they served."""
    assert re.search(r"processor +-\s*\n", shown(scrape(cpu=3.0, time=1000.1)))
    assert "0.25 cores" in shown(scrape(cpu=4.0, time=1004.1), scrape(cpu=3.0, time=1000.1))
