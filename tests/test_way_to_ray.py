"""skyserver.on_ray, without Ray: what it is asked for. tests/cluster asks a real one."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from skyserver import on_ray


def test_without_an_address_it_is_a_cluster_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's own default joins the cluster that somebody last started here, if it is still noted."""
    asked: list[tuple[Any, ...]] = []
    ray = ModuleType("ray")
    monkeypatch.setattr(ray, "init", lambda *address, **_: asked.append(address), raising=False)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    assert on_ray.connect() is ray
    assert asked == [("local",)]
