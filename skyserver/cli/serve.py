"""`skyserver serve`."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path

import typer

from skyserver import __version__
from skyserver.cli.config_flags import with_config_flags
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig


@with_config_flags
def serve(config: ServerConfig) -> None:
    """Serve the web page, gRPC and gRPC-Web until Ctrl+C or SIGTERM.

    Each flag is a variable too, as SKYSERVER_PORT, and a key of the --config file, as port.

    A flag goes before a variable, that before the file. The log on stderr is a JSON line a call.
    """
    from skyserver.server import app, log
    from skyserver.server.listener import address_of
    from skyserver.server.registry import Registry
    from skyserver.site import NOT_BUILT, page_is_built

    # 0 is all cores
    threads = 0 if config.workers == 1 else max(1, (os.cpu_count() or 1) // config.workers)
    files: tuple[Path | None, ...] = config.models or (None,)
    open_model = partial(SkyModel.load, threads=threads, backend=config.backend)
    models = [open_model(file) for file in files]
    names = ", ".join(loaded.info.name for loaded in models)

    def ready(ports: app.Ports) -> None:
        where = address_of(config.host, ports.grpc)
        if ports.http is not None:
            shown = "web page, gRPC-Web" if page_is_built() else "gRPC-Web"
            where += f" (gRPC) and http://{address_of(config.host, ports.http)} ({shown})"
        typer.echo(f"SkyServer {__version__} answers at {where} with {names}; Ctrl+C stops it")
        for loaded in models:
            log.logger.info("%s draws %s", loaded.backend, loaded.info.name)
        if not page_is_built():
            log.logger.warning(NOT_BUILT)

    log.log_to_stderr()
    registry = Registry(models, config.models_dir, open_model)
    asyncio.run(app.serve(registry, config, ready))
