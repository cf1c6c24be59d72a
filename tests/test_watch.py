"""deploy/watch/: what Grafana and Prometheus are told fits what a server counts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from skyserver.server import metrics
from skyserver.server.config import ServerConfig
from skyserver.server.probes import METRICS

WATCH = Path(__file__).parents[1] / "deploy" / "watch"
DASHBOARD: dict[str, Any] = json.loads((WATCH / "grafana-dashboard.json").read_text())


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


@pytest.fixture(scope="module")
def counted() -> dict[str, set[str]]:
    """Every name of a series that a server has, after one of everything, with its labels."""
    metrics.server_started(places=1)
    metrics.call_ended("Generate", "OK", 1.0, "anonymous")
    metrics.stage("queue", 0.1)
    metrics.cache("miss", held_bytes=0)
    metrics.model("watched", "0" * 64, "cpu", served=False)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("expression", [*expressions()])
def test_an_expression_names_only_what_is_counted(
    expression: str, counted: dict[str, set[str]]
) -> None:
    named = set(re.findall(r"skyserver_\w+", expression))
    assert named
    assert named <= counted.keys()
    grouped = re.findall(r"(?:by|on|group_left) \(([^)]+)\)", expression)
    labels = {label for group in grouped for label in group.split(", ")}
    labels |= set(re.findall(r"(\w+)(?:!?=~?)\"", expression))
    assert labels - {"instance"} <= set().union(*(counted[name] for name in named))


def test_every_metric_is_on_the_dashboard(counted: dict[str, set[str]]) -> None:
    shown = " ".join(expressions())
    for name in counted:
        assert re.sub(r"_(bucket|count|sum)$", "", name) in shown


def test_prometheus_asks_where_a_server_answers_by_default() -> None:
    (job,) = yaml.safe_load((WATCH / "prometheus.yml").read_text())["scrape_configs"]
    assert job["metrics_path"] == METRICS
    config = ServerConfig()
    assert job["static_configs"] == [{"targets": [f"{config.host}:{config.http_port}"]}]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here")
def test_prometheus_itself_accepts_the_file_and_the_metrics() -> None:
    subprocess.run(["promtool", "check", "config", str(WATCH / "prometheus.yml")], check=True)
    command = ["promtool", "check", "metrics"]
    said = subprocess.run(command, input=metrics.exposition(), capture_output=True, check=False)
    assert (said.returncode, said.stderr.decode()) == (0, "")
