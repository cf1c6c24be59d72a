"""deploy/watch/: what those who watch are told fits a server, and they find it and each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from skyserver.server import metrics
from skyserver.server.config import ServerConfig
from skyserver.server.config_sources import read_config
from skyserver.server.probes import METRICS

ROOT = Path(__file__).parents[1]
WATCH = ROOT / "deploy" / "watch"
COMPOSE: dict[str, Any] = yaml.safe_load((WATCH / "compose.yaml").read_text())
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


def provisioned(name: str) -> Any:
    """What Grafana is told at its start."""
    return yaml.safe_load(COMPOSE["configs"][name]["content"])


def test_compose_starts_the_server_of_the_other_file_with_traces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = COMPOSE["services"]["server"]
    other = yaml.safe_load((WATCH / server["extends"]["file"]).read_text())
    environment = other["services"][server["extends"]["service"]]["environment"]
    for name, value in (environment | server["environment"]).items():
        monkeypatch.setenv(name, value)
    assert read_config({}).config.traces
    (extra,) = re.findall(r"\w+", server["build"]["args"]["EXTRAS"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert any("otlp" in library for library in project["optional-dependencies"][extra])


def test_in_compose_each_finds_the_others() -> None:
    services = COMPOSE["services"]
    assert services["prometheus"]["network_mode"] == "service:server"  # so 127.0.0.1 is the server
    addresses = [services["server"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]]
    addresses += [source["url"] for source in provisioned("sources")["datasources"]]
    # 4318: OTLP over HTTP by its specification; the others are where each shows itself to people
    assert addresses == ["http://jaeger:4318", "http://server:9090", "http://jaeger:16686"]
    shown = {port.rpartition(":")[2] for one in services.values() for port in one.get("ports", [])}
    assert {"9090", "16686"} <= shown
    (variable,) = (v for v in DASHBOARD["templating"]["list"] if v["type"] == "datasource")
    (default,) = (one for one in provisioned("sources")["datasources"] if one.get("isDefault"))
    assert variable["query"] == default["type"]
    (provider,) = provisioned("dashboards")["providers"]
    grafana = services["grafana"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(provider["options"]["path"] + "/")
    assert any(volume.split(":")[1] == home for volume in grafana["volumes"])


def test_in_compose_files_are_there_and_nobody_else_is_let_in() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]) or "build" in service
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (WATCH / source).is_file() if "/" in source else source in COMPOSE["volumes"]
        for config in service.get("configs", []):
            assert config["source"] in COMPOSE["configs"]
