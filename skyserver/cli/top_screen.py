"""The screen of `skyserver top`: what happened in a stretch of time, as tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from skyserver.pipeline import STAGES
from skyserver.scrape import Stretch

_NOTHING: Final = "-"
_BAR: Final = 30  # columns,
_SHORT_BAR: Final = 12  # and of one beside another table
_CALLERS: Final = 6  # lines of them, as many as there are stages


def screen(server: str, seen: Stretch) -> RenderableType:
    """Return what is shown of a server at an address: most often within 24 lines of 80 columns."""
    below = Table.grid(padding=(0, 3))
    below.add_row(_stages(seen), _callers(seen))
    return Group(_heading(server, seen), Text(), _load(seen), Text(), _calls(seen), Text(), below)


def _heading(server: str, seen: Stretch) -> Text:
    now = seen.after
    start = now.value("skyserver_start_time_seconds")
    up = timedelta(seconds=max(0, round(now.time - start)))
    (version, *_) = [*now.labels("skyserver_server_info", "version"), "?"]
    models = [
        f"{labels['name']} ({labels['backend']})"
        for labels, served in now.series("skyserver_model_info")
        if served
    ]
    since = "since its start" if seen.before is None else f"the last {seen.seconds:.0f} s"
    title = Text(f"SkyServer {version} at {server}", style="bold")
    return title.append(f"\nup {up}, draws {', '.join(models)}; figures: {since}", "not bold")


def _load(seen: Stretch) -> Table:
    """The queue, the processor, memory and the cache: one line each."""
    now = seen.after
    table = Table.grid(padding=(0, 2))
    running, waiting = (now.value(f"skyserver_queue_{which}") for which in ("running", "waiting"))
    places = now.value("skyserver_queue_places")
    taken = running + waiting
    style = "red" if taken >= places else "yellow" if taken > places / 2 else "green"
    words = f"{running:.0f} at work, {waiting:.0f} wait" + (" (full)" if style == "red" else "")
    table.add_row("queue", _bar(taken, places, style=style), Text(words, style=style))
    # the start of a process is in what it used, and not in the time since it serves
    cpu = None if seen.before is None else seen.rate("skyserver_cpu_seconds_total")
    table.add_row("processor", "", _NOTHING if cpu is None else f"{cpu:.2f} cores")
    memory = now.value("skyserver_resident_memory_bytes")
    table.add_row("memory", "", "not known there" if memory != memory else f"{memory / 1e6:.0f} MB")
    asked = seen.grown("skyserver_cache_requests_total")
    kept = asked - seen.grown("skyserver_cache_requests_total", outcome="miss")
    held = f"{now.value('skyserver_cache_bytes') / 1e6:.1f} MB"
    share = f", {kept / asked:.0%} of {asked:.0f} skies came from it" if asked else ""
    table.add_row("cache", _bar(kept, asked), held + share)
    sent = seen.rate("skyserver_sent_bytes_total")
    table.add_row("sent", "", f"{sent / 1e6:.2f} MB/s")
    return table


def _calls(seen: Stretch) -> Table:
    name = "skyserver_calls_total"
    table = _table("call", "OK /s", "failed /s", "median", "p95", "what failed, how often")
    for method in sorted(seen.after.labels(name, "method")):
        well = seen.rate(name, method=method, status="OK")
        failed = {
            status: seen.grown(name, method=method, status=status)
            for status in seen.after.labels(name, "status")
            if status != "OK"
        }
        times = [
            _seconds(seen.quantile(share, "skyserver_call_seconds", method=method))
            for share in (0.5, 0.95)
        ]
        told = ", ".join(f"{status} {count:.0f}" for status, count in failed.items() if count)
        table.add_row(
            Text(method),
            f"{well:.2f}",
            f"{sum(failed.values()) / seen.seconds:.2f}",
            *times,
            Text(told, style="red"),
        )
    return table


def _callers(seen: Stretch) -> Table:
    name = "skyserver_calls_total"
    table = _table("caller", "calls /s")
    rates = {caller: seen.rate(name, caller=caller) for caller in seen.after.labels(name, "caller")}
    busiest = sorted(rates, key=lambda one: -rates[one])
    shown = busiest if len(busiest) <= _CALLERS else busiest[: _CALLERS - 1]
    for caller in shown:
        table.add_row(Text(caller or "(without a token)"), f"{rates[caller]:.2f}")
    if rest := busiest[len(shown) :]:
        table.add_row(f"{len(rest)} others", f"{sum(rates[caller] for caller in rest):.2f}")
    return table


def _stages(seen: Stretch) -> Table:
    name = "skyserver_stage_seconds"
    table = _table("stage", "mean", "p95", "share")
    spent = {stage: seen.grown(f"{name}_sum", stage=stage) for stage in ("queue", *STAGES)}
    for stage, seconds in spent.items():
        table.add_row(
            stage,
            _seconds(seen.mean(name, stage=stage)),
            _seconds(seen.quantile(0.95, name, stage=stage)),
            _bar(seconds, sum(spent.values()), _SHORT_BAR),
        )
    return table


def _table(first: str, *headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column(first, min_width=12, max_width=20, no_wrap=True)
    for heading in headings:
        table.add_column(
            heading, justify="left" if "," in heading or "share" in heading else "right"
        )
    return table


def _bar(part: float, whole: float, width: int = _BAR, style: str = "cyan") -> RenderableType:
    return ProgressBar(
        total=whole or 1.0,
        completed=min(part, whole),
        width=width,
        complete_style=style,
        finished_style=style,
    )


def _seconds(value: float | None) -> str:
    if value is None:
        return _NOTHING
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
