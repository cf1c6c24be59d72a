"""`skyserver serve`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from skyserver import __version__
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = ServerConfig.host,
    port: Annotated[int, typer.Option(help="Port, 0 for any free one.")] = ServerConfig.port,
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Model file; again for more, the first is the default one."),
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Requests that are worked on at once.")
    ] = ServerConfig.workers,
    queue: Annotated[
        int, typer.Option(help="Requests that may wait; one more is refused.")
    ] = ServerConfig.queue,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines in, unencrypted, unasked.")
    ] = False,
) -> None:
    """Answer gRPC clients until Ctrl+C or SIGTERM. Logs go to stderr, one line of JSON each."""
    from skyserver.server import app, log

    config = ServerConfig(host=host, port=port, insecure=insecure, workers=workers, queue=queue)
    config.check()
    threads = 0 if workers == 1 else max(1, (os.cpu_count() or 1) // workers)  # 0 is all cores
    files: list[Path | None] = [*model] if model else [None]
    models = [SkyModel.load(file, threads) for file in files]
    names = ", ".join(loaded.info.name for loaded in models)

    def ready(listening: int) -> None:
        address = f"[{host}]" if ":" in host else host
        where = f"{address}:{listening}"
        typer.echo(f"SkyServer {__version__} answers at {where} with {names}; Ctrl+C stops it")

    log.log_to_stderr()
    asyncio.run(app.serve(models, config, ready))
