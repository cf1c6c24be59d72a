"""`skyserver top`: what a server does, as it does it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skyserver.cli import options
from skyserver.cli.remote import Remote

if TYPE_CHECKING:
    from skyserver.scrape import Scrape

LOOK_BACK: Final = 30.0  # seconds that the figures are of


def top(
    server: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="HTTP port of the server.")
    ] = "127.0.0.1:8080",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
    certificate: options.Certificate = None,
    key: options.Key = None,
    interval: Annotated[
        float, typer.Option(min=0.2, max=LOOK_BACK, help="Seconds between two looks.")
    ] = 2.0,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, at all since the server's start, and end.")
    ] = False,
) -> None:
    """Watch a server: calls, stages, queue, cache, memory. Ctrl+C ends it.

    Figures are of the last 30 seconds. It reads /metrics of the HTTP port.
    """
    from rich.console import Console
    from rich.live import Live

    from skyserver.cli.top_screen import screen
    from skyserver.scrape import Stretch

    remote = Remote(server, token_file, ca, certificate, key)
    console = Console()
    first = _look(remote)
    if once or not console.is_terminal:
        console.print(screen(server, Stretch(None, first)))
        return
    looks = deque([first], maxlen=max(2, 1 + round(LOOK_BACK / interval)))
    with Live(
        screen(server, Stretch(None, first)), console=console, screen=True, auto_refresh=False
    ) as live:
        while True:
            time.sleep(interval)
            looks.append(_look(remote))
            live.update(screen(server, Stretch(looks[0], looks[-1])), refresh=True)


def _look(remote: Remote) -> Scrape:
    from skyserver.scrape import Scrape

    return Scrape.read(remote.page("/metrics"), time.time())
