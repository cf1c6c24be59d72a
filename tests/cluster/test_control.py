"""How a deployment ends, as Ray's status of it changes."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from skyserver.errors import ServerUnavailable

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of Ray's, at its import
]

# As Ray 2.60 tells it of a replica on another machine, the middle of the traceback left out
FAILED = """A replica failed to start with exception. Retrying. Error:
\x1b[36mray::ServeReplica:skyserver:skyserver.initialize_and_get_metadata()\x1b[39m (pid={pid}, \
ip=10.77.0.3, actor_id=bfc5, repr=<ray.serve._private.replica.ServeReplica object at 0x7f66>)
  File "/lib/skyserver/model.py", line 142, in _read
    raise ModelError(f"{{name}}: cannot be read ({{error.strerror}})") from None
skyserver.errors.ModelError: /models/new.onnx: cannot be read (No such file or directory)"""
LINE = (
    "the replicas do not start: 10.77.0.3: /models/new.onnx: cannot be read"
    " (No such file or directory)"
)


def wait_for(monkeypatch: pytest.MonkeyPatch, *told: tuple[str, str]) -> int:
    """Wait while Ray tells these statuses and messages; how many were asked for."""
    from ray import serve
    from ray.serve.schema import (
        ApplicationStatusOverview,
        DeploymentStatusOverview,
        ServeStatus,
    )

    from skyserver.cluster import control
    from skyserver.cluster.deployment import NAME

    asked = 0

    def status() -> Any:
        nonlocal asked
        state, message = told[asked]
        asked += 1
        deployment = DeploymentStatusOverview("UPDATING", "CONFIG_UPDATE_STARTED", {}, message)
        one = ApplicationStatusOverview(state, "", 0, {NAME: deployment})
        return ServeStatus(applications={NAME: one})

    monkeypatch.setattr(serve, "status", status)
    monkeypatch.setattr(control.time, "sleep", lambda _: None)
    control._wait_until_running()
    return asked


def test_it_is_done_when_all_replicas_run(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = ("DEPLOYING", "1 replicas that have taken more than 30s to be scheduled")
    assert wait_for(monkeypatch, ("DEPLOYING", ""), *5 * [slow], ("RUNNING", "")) == 7


def test_a_replica_that_failed_and_started_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (("DEPLOYING", FAILED.format(pid=pid)) for pid in (1, 2))
    assert wait_for(monkeypatch, *9 * [first], *9 * [second], ("RUNNING", "")) == 19


def test_a_machine_without_the_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray goes on for ever once another replica has started."""
    with pytest.raises(ServerUnavailable) as error:
        wait_for(monkeypatch, *(("DEPLOYING", FAILED.format(pid=pid)) for pid in (1, 1, 2, 2, 3)))
    assert str(error.value) == LINE


def test_ray_has_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServerUnavailable) as error:
        wait_for(monkeypatch, ("DEPLOYING", ""), ("DEPLOY_FAILED", FAILED.format(pid=1)))
    assert str(error.value) == LINE
