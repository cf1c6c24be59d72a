"""`skyserver serve`."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from skyserver import __version__
from skyserver.cli import options
from skyserver.model import SkyModel
from skyserver.server.config import HTTP_PORT, ServerConfig


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = ServerConfig.host,
    port: Annotated[int, typer.Option(help="Of gRPC, 0 for any free one.")] = ServerConfig.port,
    http_port: Annotated[
        int, typer.Option(help="Of the web page and gRPC-Web, 0 for any free one.")
    ] = HTTP_PORT,
    no_http: Annotated[bool, typer.Option("--no-http", help="Do not listen for HTTP.")] = False,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Let web pages of this origin call, as in https://example.org; again for more,"
            ' "*" for all. By default none may.',
        ),
    ] = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Model file; again for more, the first is the default one."),
    ] = None,
    backend: options.Backend = "auto",
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
    """Serve the web page, gRPC and gRPC-Web until Ctrl+C or SIGTERM.

    The log on stderr is a JSON line a call.
    """
    from skyserver.server import app, log
    from skyserver.server.listener import address_of
    from skyserver.server.registry import Registry
    from skyserver.site import NOT_BUILT, page_is_built

    config = ServerConfig(
        host=host,
        port=port,
        http_port=None if no_http else http_port,
        cors_origins=tuple(cors_origin or ()),
        insecure=insecure,
        workers=workers,
        queue=queue,
    )
    config.check()
    threads = 0 if workers == 1 else max(1, (os.cpu_count() or 1) // workers)  # 0 is all cores
    files: list[Path | None] = [*model] if model else [None]
    open_model = partial(SkyModel.load, threads=threads, backend=backend)
    models = [open_model(file) for file in files]
    names = ", ".join(loaded.info.name for loaded in models)

    def ready(ports: app.Ports) -> None:
        where = address_of(host, ports.grpc)
        if ports.http is not None:
            shown = "web page, gRPC-Web" if page_is_built() else "gRPC-Web"
            where += f" (gRPC) and http://{address_of(host, ports.http)} ({shown})"
        typer.echo(f"SkyServer {__version__} answers at {where} with {names}; Ctrl+C stops it")
        for loaded in models:
            log.logger.info("%s draws %s", loaded.backend, loaded.info.name)
        if not page_is_built():
            log.logger.warning(NOT_BUILT)

    log.log_to_stderr()
    registry = Registry(models, None, open_model)
    asyncio.run(app.serve(registry, config, ready))
