"""Which replica a call goes to."""

from __future__ import annotations

import asyncio
import importlib.util
from collections import Counter
from typing import Any

import pytest

from skyserver.cluster.replicas import Replicas
from skyserver.server.config import ServerConfig

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of Ray's, at its import
]


def asked(replicas: list[str], pending: Any = None) -> list[str]:
    """What the router makes of these replicas, which it does not look into."""
    from skyserver.cluster.router import EveryMachine

    (rank,) = asyncio.run(EveryMachine.choose_replicas(None, replicas, pending))
    return rank


def test_no_machine_is_asked_before_others() -> None:
    pairs = Counter(frozenset(asked(["here", "there", "elsewhere"])) for _ in range(600))
    assert set(map(len, pairs)) == {2}
    assert len(pairs) == 3
    assert min(pairs.values()) > 100  # of about 200; less comes once in 10^19 runs


def test_one_replica_and_none() -> None:
    assert asked(["here"]) == ["here"]
    assert asked([]) == []


def test_ray_waits_before_it_asks_full_replicas_again() -> None:
    from ray.serve.request_router import PendingRequest

    pending = PendingRequest(args=[], kwargs={}, metadata=None, future=None)
    asked(["here"], pending)
    assert pending.routing_context.should_backoff


def test_it_is_the_router_of_the_application() -> None:
    from skyserver.cluster.deployment import of_replicas
    from skyserver.cluster.router import EveryMachine

    application = of_replicas(Replicas(), ServerConfig(insecure=True))
    config = application._bound_deployment._deployment_config.request_router_config
    assert config.get_request_router_class() is EveryMachine
