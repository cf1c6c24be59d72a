"""The application as Ray Serve knows it: how many replicas, and what each may use."""

from __future__ import annotations

from typing import Any, Final

from ray import serve
from ray.serve.config import RequestRouterConfig

from skyserver.cluster.replica import SkyReplica
from skyserver.cluster.replicas import Replicas, check_open
from skyserver.cluster.router import EveryMachine
from skyserver.server.config import ServerConfig
from skyserver.server.config_sources import read_config

NAME: Final = "skyserver"

_SPARE: Final = (
    16  # calls of a replica beside those in its queue: they ask what it is, and how it is
)
_HEALTH_SECONDS: Final = 5.0


def application(args: dict[str, Any]) -> serve.Application:
    """Return what a config file of Ray Serve names: `skyserver.cluster.deployment:application`.

    `args` are the fields of `Replicas`. The settings of the servers are those of the file `config`
    and of the environment SKYSERVER_*.

    Raises:
        InvalidField: a setting is not allowed.

    """
    wanted = Replicas.model_validate(args)
    given = {"models": wanted.models} if wanted.models else {}
    return of_replicas(wanted, read_config(given, wanted.config).config)


def of_replicas(wanted: Replicas, config: ServerConfig) -> serve.Application:
    """Return an application whose replicas run servers of this configuration.

    Raises:
        InvalidField: the configuration does not say that other machines are let in unencrypted.

    """
    check_open(config)
    places = config.workers + config.queue
    deployment = serve.deployment(
        SkyReplica,
        name=NAME,
        autoscaling_config={
            "min_replicas": wanted.min_replicas,
            "max_replicas": wanted.max_replicas,
            "target_ongoing_requests": config.workers,
        },
        ray_actor_options={"num_cpus": wanted.cpus, "num_gpus": wanted.gpus},
        # More than it has places: what is too much is refused by a replica, which says when to ask
        # again, and not by Ray
        max_ongoing_requests=places + _SPARE,
        max_queued_requests=places + _SPARE,
        request_router_config=RequestRouterConfig(request_router_class=EveryMachine),
        graceful_shutdown_timeout_s=config.grace,
        health_check_period_s=_HEALTH_SECONDS,
    )
    return deployment.bind(config, max(1, int(wanted.cpus) // config.workers))
