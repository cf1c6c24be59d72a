"""`skyserver serve`."""

from __future__ import annotations

import asyncio

import typer

from skyserver import __version__
from skyserver.cli.config_flags import with_config_flags
from skyserver.server.config import ServerConfig


@with_config_flags
def serve(config: ServerConfig) -> None:
    """Serve the web page, gRPC and gRPC-Web until Ctrl+C or SIGTERM.

    Each flag is a variable too, as SKYSERVER_PORT, and a key of the --config file, as port.

    A flag goes before a variable, that before the file. The log on stderr is a JSON line a call.
    """
    from skyserver.server import app, log, processes
    from skyserver.server.listener import address_of
    from skyserver.server.registry import Registry, Served
    from skyserver.site import NOT_BUILT, page_is_built

    def ready(ports: app.Ports, served: Served) -> None:
        where = address_of(config.host, ports.grpc)
        if ports.http is not None:
            shown = "web page, gRPC-Web" if page_is_built() else "gRPC-Web"
            scheme = "http" if config.certificate is None else "https"
            where += f" (gRPC) and {scheme}://{address_of(config.host, ports.http)} ({shown})"
        names = ", ".join(name for _, name in served)
        typer.echo(f"SkyServer {__version__} answers at {where} with {names}; Ctrl+C stops it")
        for backend, name in served:
            log.logger.info("%s draws %s", backend, name)
        if not page_is_built():
            log.logger.warning(NOT_BUILT)

    if config.shares_ports:
        log.log_to_stderr()
        asyncio.run(processes.serve(config, ready))
        return
    registry = Registry.of(config)
    log.log_to_stderr()
    asyncio.run(app.serve(registry, config, lambda ports: ready(ports, registry.served)))
