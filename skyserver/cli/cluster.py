"""`skyserver cluster`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from skyserver import __version__, on_ray
from skyserver.cli.config_flags import ConfigFile
from skyserver.cluster.replicas import Replicas, check_open
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.server.config_sources import read_config

Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        envvar="RAY_ADDRESS",
        help="Of a Ray cluster, where the replicas stay when this command ends; called again, it"
        " replaces them one by one. Without it a cluster begins on this machine, until Ctrl+C.",
    ),
]
Model = Annotated[
    list[Path] | None,
    typer.Option(help="Model file, at this path on all machines; again for more."),
]
Down = Annotated[bool, typer.Option("--down", help="End the replicas on the cluster at --address.")]


def cluster(
    address: Address = None,
    config: ConfigFile = None,
    model: Model = None,
    port: Annotated[int | None, typer.Option(help="Of gRPC, where replicas are.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines in, unencrypted.")
    ] = False,
    min_replicas: Annotated[int, typer.Option(help="Servers at the least.")] = 1,
    max_replicas: Annotated[int, typer.Option(help="Servers at the most.")] = 4,
    cpus: Annotated[float, typer.Option(help="Processor cores of each.")] = 1.0,
    gpus: Annotated[float, typer.Option(help="GPUs of each; a fraction shares one.")] = 0.0,
    down: Down = False,
) -> None:
    """Serve gRPC from as many replicas as there is work for, on the machines of a Ray cluster.

    What `skyserver serve` can be told, each replica can be told by --config and the environment.
    """
    if down:
        on_ray.connect(address)
        from skyserver.cluster import control

        control.end()
        return
    given: dict[str, Any] = {"port": port, "models": model, "insecure": insecure or None}
    flags = {name: value for name, value in given.items() if value is not None}
    settings = _at_any_machine(read_config(flags, config).config)
    wanted = Replicas(min_replicas=min_replicas, max_replicas=max_replicas, cpus=cpus, gpus=gpus)
    check_open(settings)
    for file in settings.models or (None,):
        SkyModel.load(file, 1, "cpu")  # found out here, and not by every replica
    _deploy(address, wanted, settings)


def _at_any_machine(config: ServerConfig) -> ServerConfig:
    """Return it with whole paths: a replica does not run in the folder of this command."""
    tokens = None if config.tokens is None else config.tokens.resolve()
    models = tuple(file.resolve() for file in config.models)
    return config.model_copy(update={"tokens": tokens, "models": models})


def _deploy(address: str | None, wanted: Replicas, config: ServerConfig) -> None:
    limit = {"RAY_SERVE_GRPC_MAX_MESSAGE_SIZE": str(config.max_message_bytes)}
    ray = on_ray.connect(address, limit)
    from skyserver.cluster import control

    control.deploy(wanted, config)
    typer.echo(
        f"SkyServer {__version__} answers on port {config.port}, unencrypted,"
        f" on the machines of {wanted.min_replicas} to {wanted.max_replicas} replicas"
        + ("" if address else "; Ctrl+C stops it")
    )
    if address is None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        control.end()
    ray.shutdown()
