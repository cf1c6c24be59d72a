"""What deploy/ says is what the server understands."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from skyserver.cluster.ingress import METHODS
from skyserver.cluster.replicas import Replicas, check_open
from skyserver.server.config import ServerConfig
from skyserver.server.config_sources import read_config

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


@pytest.fixture
def compose() -> dict[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    return yaml.safe_load(text)["services"]["server"]


@pytest.fixture
def kuberay() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / "deploy" / "kuberay.yaml").read_text()))


@pytest.fixture
def serve_config(kuberay: list[dict[str, Any]]) -> dict[str, Any]:
    return yaml.safe_load(kuberay[0]["spec"]["serveConfigV2"])


def settings(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> ServerConfig:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return read_config({}).config


def test_compose_lets_only_this_machine_in(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(monkeypatch, compose["environment"])
    ports = [f"127.0.0.1:{port}:{port}" for port in (config.port, config.http_port)]
    assert compose["ports"] == ports
    assert float(compose["stop_grace_period"].removesuffix("s")) > config.grace


def test_compose_opened_as_its_comment_says_needs_tls_and_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    opened = re.sub(r"# (.*) # open", r"\1", text)
    opened = re.sub(r".*SKYSERVER_INSECURE: .*\n", "", opened)
    service = yaml.safe_load(opened)["services"]["server"]
    config = settings(monkeypatch, service["environment"])
    assert (config.insecure, config.asks_for_tokens) == (False, True)
    folder = service["volumes"][0].split(":")[1]
    assert {str(file.parent) for file in (config.certificate, config.key, config.tokens)} == {
        folder
    }


def test_the_image_starts_a_server_and_is_no_administrator(compose: dict[str, Any]) -> None:
    assert json.loads(re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.M)[1]) == ["skyserver"]
    command, *flags = json.loads(re.search(r"^CMD (.*)$", DOCKERFILE, re.M)[1])
    assert command == "serve"
    assert read_config({flags[0].removeprefix("--"): flags[1], "insecure": True}).config
    assert DOCKERFILE.index("\nUSER 1000\n") < DOCKERFILE.index("\nENTRYPOINT")
    exposed = re.search(r"^EXPOSE (.*)$", DOCKERFILE, re.M)[1].split()
    assert exposed == [port.rpartition(":")[2] for port in compose["ports"]]


def test_kubernetes_names_fit_together(kuberay: list[dict[str, Any]]) -> None:
    cluster, service = kuberay
    group = cluster["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["template"]
    assert service["spec"]["selector"].items() <= group["metadata"]["labels"].items()
    ray = cluster["spec"]["rayClusterConfig"]["rayVersion"]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (least,) = (entry.partition(">=")[2] for entry in extras["cluster"])
    numbers = [[int(part) for part in version.split(".")] for version in (least, ray)]
    assert numbers[0] <= numbers[1]


def test_the_replicas_on_kubernetes_ask_for_tokens(
    kuberay: list[dict[str, Any]],
    serve_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = kuberay[0]["spec"]["rayClusterConfig"]
    pods = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    for pod in (group["template"]["spec"] for group in pods):
        container = pod["containers"][0]
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        config = settings(monkeypatch, environment)
        check_open(config)
        assert config.asks_for_tokens
        assert container["volumeMounts"][0]["mountPath"] == str(config.tokens.parent)
        assert container["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]
        assert environment["RAY_SERVE_GRPC_MAX_MESSAGE_SIZE"] == str(config.max_message_bytes)
    assert serve_config["grpc_options"]["port"] == kuberay[1]["spec"]["ports"][0]["targetPort"]
    assert serve_config["grpc_options"]["port"] == config.port
    assert serve_config["grpc_options"]["request_timeout_s"] == config.max_seconds


def test_the_serve_config_names_what_there_is(serve_config: dict[str, Any]) -> None:
    (add_services,) = serve_config["grpc_options"]["grpc_servicer_functions"]
    module, _, name = add_services.rpartition(".")

    class Server:
        added = 0

        def add_generic_rpc_handlers(self, _handlers: object) -> None:
            self.added += 1

    server = Server()
    getattr(importlib.import_module(module), name)(None, server)
    assert server.added == len(METHODS)
    (application,) = serve_config["applications"]
    assert Replicas.model_validate(application["args"]).max_replicas == 16
    module, _, name = application["import_path"].partition(":")
    source = Path(importlib.util.find_spec(module).origin).read_text()
    assert f"def {name}(args: dict[str, Any])" in source


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray")
def test_ray_takes_the_serve_config(serve_config: dict[str, Any]) -> None:
    from ray.serve.schema import ServeDeploySchema

    parsed = ServeDeploySchema.model_validate(serve_config)
    assert parsed.grpc_options.port == 50051
