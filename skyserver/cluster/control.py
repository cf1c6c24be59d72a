"""Starts, updates and ends the application on a Ray cluster."""

from __future__ import annotations

import logging
from typing import Final

from ray import serve

from skyserver.cluster import ingress
from skyserver.cluster.deployment import NAME, of_replicas
from skyserver.cluster.replicas import Replicas
from skyserver.errors import ServerUnavailable
from skyserver.server.config import ServerConfig

_ADD_SERVICES: Final = f"{ingress.__name__}.{ingress.add_services.__name__}"


def deploy(wanted: Replicas, config: ServerConfig) -> None:
    """Start the application, or replace the one that runs, and return once it answers.

    While it is replaced, calls under way end with the replica that they began with, and new ones
    wait for one of the next. `config.port` is Ray's from the first deployment on.

    Raises:
        InvalidField: the configuration does not say that other machines are let in unencrypted.
        ServerUnavailable: the replicas do not start; the cluster's log says why.

    """
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    quiet = {"log_level": logging.ERROR, "enable_access_log": False}
    serve.start(
        proxy_location="EveryNode",
        http_options={"host": "127.0.0.1", "port": 0},
        grpc_options={
            "port": config.port,
            "grpc_servicer_functions": [_ADD_SERVICES],
            "request_timeout_s": config.max_seconds,
            "enable_reflection": not config.asks_for_tokens,
        },
        logging_config=quiet,
    )
    try:
        serve.run(of_replicas(wanted, config), name=NAME, logging_config=quiet)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ServerUnavailable(f"the replicas do not start: {reason}") from None


def end() -> None:
    """End the application and Ray's ingress; calls under way get `grace`."""
    serve.shutdown()
