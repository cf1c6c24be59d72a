"""A real Ray cluster of one machine: what clients notice, whatever dies or is replaced."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import pytest
import tiny

from skyserver import pipeline
from skyserver.client import SkyClient
from skyserver.errors import InvalidField, NotFound, SkyServerError
from skyserver.model import SkyModel
from skyserver.request import ConvertRequest, Output, SkyRequest

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

PATIENCE = 240  # seconds; Ray starts processes by the dozen
REQUEST = SkyRequest("Cu", 7, outputs=(Output(size=512),))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], Any]) -> Any:
    """Return what `condition` does once that is true and no error; fail when it takes too long."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if found := condition():
                return found
        except SkyServerError:
            pass
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.2)


def skyserver(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "skyserver", *map(str, arguments)],
        env={**os.environ, "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[tuple[str, int]]:
    """The address of a cluster, and the process whose descendants are its workers."""
    port = free_port()
    command = ["-m", "ray.scripts.scripts", "start", "--head", "--block", "--num-cpus", "4"]
    command += ["--include-dashboard", "false"]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    head = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with head:
        for line in head.stdout:
            if "Ray runtime started" in line:
                break
        try:
            yield f"127.0.0.1:{port}", head.pid
        finally:
            head.terminate()
            head.stdout.read()


@pytest.fixture(scope="module")
def deployed(ray_cluster: tuple[str, int], tiny_model: Path) -> Iterator[int]:
    """The port at which two replicas answer."""
    address, _ = ray_cluster
    port = free_port()
    done = deploy(address, port, tiny_model)
    assert (done.returncode, done.stderr) == (0, "")
    with connected(port):
        yield port
    down = skyserver("cluster", "--address", address, "--down")
    assert (down.returncode, down.stdout, down.stderr) == (0, "", "")


def deploy(address: str, port: int, model: Path) -> subprocess.CompletedProcess[str]:
    number = ["--min-replicas", 2, "--max-replicas", 2, "--cpus", 0.5]
    command = ["--address", address, "--port", port, "--insecure", "--model", model, *number]
    return skyserver("cluster", *command)


@contextmanager
def connected(port: int) -> Iterator[SkyClient]:
    """A client; Ray's ingress learns of replicas a little later than they start."""
    client = eventually(lambda: SkyClient(f"127.0.0.1:{port}"))
    with client:
        yield client


def workers(head: int, title: str) -> list[int]:
    """Processes of the cluster whose title begins so."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(status[1])
            if (folder / "cmdline").read_text().startswith(title):
                found.append(int(folder.name))
        except OSError:
            continue

    def is_below(pid: int) -> bool:
        while pid > 1:
            if pid == head:
                return True
            pid = parents.get(pid, 0)
        return False

    return [pid for pid in found if is_below(pid)]


class Callers:
    """Callers who ask without a pause inside the block, and what came of their calls."""

    def __init__(self, port: int, count: int = 3) -> None:
        self.skies: list[bytes] = []
        self.errors: list[Exception] = []
        self._port = port
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(count)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a call hangs"

    def _call(self, number: int) -> None:
        with connected(self._port) as client:
            while not self._stop.is_set():
                number += 10
                request = SkyRequest("Cu", number, outputs=(Output(size=512),))
                try:
                    result = client.generate(request, timeout=PATIENCE)
                    self.skies.append(result.artifacts[0].data)
                except SkyServerError as error:
                    self.errors.append(error)


def test_a_sky_has_the_bytes_of_the_pipeline(deployed: int, tiny_model: Path) -> None:
    with connected(deployed) as client:
        stages: list[str] = []
        result = client.generate(REQUEST, progress=lambda stage, _done: stages.append(stage))
        assert result.artifacts == pipeline.generate(SkyModel.load(tiny_model), REQUEST).artifacts
        assert stages[0] == "queue"
        assert set(stages) == {"queue", *pipeline.STAGES}


def test_errors_are_those_of_one_server(deployed: int) -> None:
    with connected(deployed) as client:
        with pytest.raises(NotFound, match="cloud: 'fog' is unknown; known: Ac"):
            client.generate(SkyRequest("fog"))
        with pytest.raises(InvalidField, match="images"):
            client.convert([b"no image"], ConvertRequest())


def test_a_killed_replica_ends_no_call_without_a_name(
    deployed: int, ray_cluster: tuple[str, int]
) -> None:
    _, head = ray_cluster
    with Callers(deployed) as callers:
        eventually(lambda: len(callers.skies) > 3)
        replica = workers(head, "ray::ServeReplica:")[0]
        os.kill(replica, signal.SIGKILL)
        before = len(callers.skies)
        eventually(lambda: len(callers.skies) > before + 10)
    assert all(type(error) is not SkyServerError or str(error) for error in callers.errors)
    assert len(callers.errors) <= 3  # those that were in it


def test_another_model_comes_in_without_a_dropped_call(
    deployed: int, ray_cluster: tuple[str, int], tmp_path: Path
) -> None:
    address, _ = ray_cluster
    other = tmp_path / "other.onnx"
    model = tiny.tiny_model()
    (name,) = (entry for entry in model.metadata_props if entry.key == "skyserver.name")
    name.value = "other"
    onnx.save(model, other)
    with Callers(deployed) as callers:
        eventually(lambda: len(callers.skies) > 3)
        done = deploy(address, deployed, other)
        assert (done.returncode, done.stderr) == (0, "")
        with connected(deployed) as client:
            eventually(lambda: [one.name for one in client.describe().models] == ["other"])
    assert callers.errors == []


def test_a_batch_loses_nothing_when_workers_die(
    ray_cluster: tuple[str, int], tiny_model: Path, tmp_path: Path
) -> None:
    address, head = ray_cluster
    folder = tmp_path / "skies"
    command = ["generate", "--cloud", "Cu", "--size", "512", "--model", tiny_model, "-o", folder]
    batch = subprocess.Popen(
        [sys.executable, "-m", "skyserver", *map(str, command), "--count", "40", "--jobs", "ray"],
        env={**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_ADDRESS": address},
        stderr=subprocess.PIPE,
        text=True,
    )
    with batch:
        for _ in range(2):
            pids = eventually(lambda: workers(head, "ray::draw_sky"))
            os.kill(pids[0], signal.SIGKILL)
        _, errors = batch.communicate(timeout=PATIENCE)
    assert (batch.returncode, errors) == (0, "")
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    assert len(lines) == 41
    assert {path.stem for path in folder.glob("*/*.png")} == {str(seed) for seed in range(40)}
