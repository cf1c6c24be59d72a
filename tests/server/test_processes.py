"""Several processes that serve as one, from outside: `skyserver serve --processes 2`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
import onnx
import pytest
from live import PATIENCE, wait_until

from skyserver.client import SkyClient
from skyserver.errors import ServerUnavailable
from skyserver.request import Output, SkyRequest
from skyserver.v1 import admin_pb2, skyserver_pb2
from skyserver.v1.admin_pb2_grpc import AdminStub
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares ports")

TOKEN = "a-token-of-the-tests"
BEARER = (("authorization", f"Bearer {TOKEN}"),)
MANY = 16  # connections, so that each process has one: 2 to 1 in 32768 that none misses it


@dataclass
class Server:
    process: subprocess.Popen[str]
    address: str

    def workers(self) -> set[int]:
        """The processes that serve, and one that waits; another child watches what they share."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {int(one) for one in children if b"spawn_main" in _command(one)}

    def serving(self) -> set[int]:
        """The processes that listen."""
        return {pid for pid in self.workers() if _listens(pid)}

    def waiting(self) -> int:
        """The one that waits, once it is there."""
        wait_until(lambda: len(self.serving()) == 2 and len(self.workers()) == 3)
        (pid,) = self.workers() - self.serving()
        return pid

    def channel(self) -> grpc.Channel:
        """A connection of its own."""
        return grpc.insecure_channel(self.address, [("grpc.use_local_subchannel_pool", 1)])

    def names(self) -> set[tuple[str, ...]]:
        """What is served, as it is told over many connections."""
        told = set()
        for _ in range(MANY):
            with self.channel() as channel:
                answer = SkyServerStub(channel).Describe(
                    skyserver_pb2.DescribeRequest(), metadata=BEARER, timeout=PATIENCE
                )
                told.add(tuple(model.name for model in answer.models))
        return told


def _command(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The folder of models, and a file of tokens in the one above it."""
    folder = tmp_path_factory.mktemp("server") / "models"
    folder.mkdir()
    shutil.copy(tiny_model, folder / "tiny.onnx")
    other = onnx.load(tiny_model)
    next(entry for entry in other.metadata_props if entry.key == "skyserver.name").value = "other"
    onnx.save(other, folder / "other.onnx")
    (folder / "broken.onnx").write_bytes(b"no model")
    tokens = f'[[token]]\nname = "anna"\ntoken = "{TOKEN}"\nadmin = true\n'
    (folder.parent / "tokens.toml").write_text(tokens)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "skyserver", "serve", "--processes", "2", "--port", "0"]
    command += ["--no-http", "--model", str(folder / "tiny.onnx"), "--models-dir", str(folder)]
    command += ["--tokens", str(folder.parent / "tokens.toml")]
    disk = folder.parent / "disk"
    disk.mkdir()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(disk)},
    ) as process:
        said = process.stdout.readline()
        try:
            yield Server(process, re.search(r"answers at (\S+) with tiny", said)[1])
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def change(server: Server, **wanted: str) -> list[str]:
    with server.channel() as channel:
        stub = AdminStub(channel)
        if "file" in wanted:
            answer = stub.LoadModel(admin_pb2.LoadModelRequest(**wanted), metadata=BEARER)
        else:
            answer = stub.UnloadModel(admin_pb2.UnloadModelRequest(**wanted), metadata=BEARER)
    return [model.name for model in answer.models]


def test_a_change_of_the_models_is_one_of_all_processes(server: Server) -> None:
    assert len(server.serving()) == 2
    assert server.names() == {("tiny",)}
    assert change(server, file="other.onnx") == ["tiny", "other"]
    assert server.names() == {("tiny", "other")}
    with pytest.raises(grpc.RpcError) as refused:
        change(server, file="broken.onnx")
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "broken.onnx: not an ONNX file" in refused.value.details()
    assert change(server, model="tiny") == ["other"]
    assert server.names() == {("other",)}


def test_one_that_waits_with_the_same_models_takes_the_place_of_one_that_is_killed(
    server: Server,
) -> None:
    server.waiting()
    change(server, file="tiny.onnx")
    told = server.names()
    assert len(told) == 1
    waiting, killed = server.waiting(), min(server.serving())
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(server.serving() - {killed}) == 2)
    assert waiting in server.serving()
    assert server.names() == told


def test_one_that_waits_is_replaced_when_it_is_killed(server: Server) -> None:
    killed, serving = server.waiting(), server.serving()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: killed not in server.workers())
    assert server.waiting() != killed
    assert server.serving() == serving


def test_a_change_that_fails_while_a_process_is_killed_ends_no_other(server: Server) -> None:
    told, waiting = server.names(), server.waiting()
    killed, other = server.serving()
    with ExitStack() as stack:
        stubs = [AdminStub(stack.enter_context(server.channel())) for _ in range(MANY)]
        request = admin_pb2.LoadModelRequest(file="broken.onnx")
        for stub in stubs:  # each has its connection now
            with pytest.raises(grpc.RpcError, match="not an ONNX file"):
                stub.LoadModel(request, metadata=BEARER, timeout=PATIENCE)
        os.kill(killed, signal.SIGSTOP)
        calls = [
            stub.LoadModel.future(request, metadata=BEARER, timeout=PATIENCE) for stub in stubs
        ]
        time.sleep(0.2)  # all others have said that they cannot
        os.kill(killed, signal.SIGKILL)
        codes = {call.code() for call in calls}
    assert codes == {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.FAILED_PRECONDITION}
    wait_until(lambda: server.serving() == {other, waiting})
    assert server.names() == told


def _listens(pid: int) -> bool:
    """Whether a process has a socket that listens (proc(5): state 0A in /proc/net/tcp)."""
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines() for name in ("tcp", "tcp6")]
    sockets = [line.split() for table in tables for line in table[1:]]
    listening = {f"socket:[{fields[9]}]" for fields in sockets if fields[3] == "0A"}
    with suppress(OSError):  # it has just ended, or closed a file
        return any(os.readlink(one) in listening for one in Path(f"/proc/{pid}/fd").iterdir())
    return False


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="no folder in memory")
def test_what_is_counted_lies_on_no_disk_that_may_be_full(server: Server, folder: Path) -> None:
    """What the processes count is mapped: a page that has no place on the disk ends a process."""
    assert server.names()
    assert not list((folder.parent / "disk").glob("**/*.db"))


def test_a_second_server_does_not_join_in(server: Server, folder: Path) -> None:
    port = server.address.rpartition(":")[2]
    command = [sys.executable, "-m", "skyserver", "serve", "--processes", "2", "--port", port]
    command += ["--no-http", "--model", str(folder / "tiny.onnx")]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"cannot listen on {server.address}: " in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_what_keeps_the_processes_from_starting_is_one_line(folder: Path) -> None:
    command = [sys.executable, "-m", "skyserver", "serve", "--processes", "2", "--port", "0"]
    command += ["--no-http", "--model", str(folder / "broken.onnx")]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (refused.returncode, refused.stdout) == (1, "")
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: ")
    assert "broken.onnx: not an ONNX file" in line


def test_sigterm_lets_the_calls_of_all_processes_end(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "skyserver", "serve", "--processes", "2", "--port", "0"]
    with subprocess.Popen(
        [*command, "--no-http", "--model", str(tiny_model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        address = re.search(r"answers at (\S+) with", process.stdout.readline())[1]

        def stop(stage: str, _done: float) -> None:
            if stage == "model":
                process.terminate()

        with SkyClient(address) as client:
            sky = client.generate(SkyRequest("Cu", outputs=(Output(size=4096),)), progress=stop)
            assert sky.artifacts[0].width == 4096
        assert process.wait(PATIENCE) == 0
        lines = [json.loads(line) for line in process.stderr]
        assert "error" not in {line["level"] for line in lines}
        assert [line["status"] for line in lines if line.get("method") == "Generate"] == ["OK"]
        with pytest.raises(ServerUnavailable):
            SkyClient(address)
