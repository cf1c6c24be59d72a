"""Starts, updates and ends the application on a Ray cluster."""

from __future__ import annotations

import logging
import re
import time
from typing import Final

from ray import serve

from skyserver.cluster import ingress
from skyserver.cluster.deployment import NAME, of_replicas
from skyserver.cluster.replicas import Replicas
from skyserver.errors import ServerUnavailable
from skyserver.server.config import ServerConfig

_TRIES: Final = 3  # of replicas that fail to start; as many as Ray gives a single one
_ADD_SERVICES: Final = f"{ingress.__name__}.{ingress.add_services.__name__}"


def deploy(wanted: Replicas, config: ServerConfig) -> None:
    """Start the application, or replace the one that runs, and return once it answers.

    While it is replaced, calls under way end with the replica that they began with, and new ones
    wait for one of the next. `config.port` is Ray's from the first deployment on.

    Raises:
        InvalidField: the configuration does not say that other machines are let in unencrypted.
        ServerUnavailable: replicas do not start, as where a machine has no such model file.
            Ray goes on trying.

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
    application = serve.RunTarget(of_replicas(wanted, config), NAME, logging_config=quiet)
    serve.run_many([application], wait_for_applications_running=False)
    _wait_until_running()


def end() -> None:
    """End the application and Ray's ingress; calls under way get `grace`."""
    serve.shutdown()


def _wait_until_running() -> None:
    """Ray itself would wait for ever for the last replica, once there is another."""
    failures: set[str] = set()  # each names its process
    while True:
        application = serve.status().applications[NAME]
        if application.status == "RUNNING":
            return
        message = application.message
        for deployment in application.deployments.values():
            message = deployment.message
            if "failed to start" in message:
                failures.add(message)
        if application.status == "DEPLOY_FAILED" or len(failures) == _TRIES:
            raise ServerUnavailable(f"the replicas do not start: {_reason(message)}")
        time.sleep(0.2)


def _reason(message: str) -> str:
    """Return the machine and the last line of what Ray tells of a replica that failed."""
    machine = re.search(r"\bip=([\w.:]+)", message)
    error = message.strip().rpartition("\n")[2]
    text = re.sub(r"^skyserver\.errors\.\w+: ", "", error)
    return f"{machine[1]}: {text}" if machine else text
