"""`skyserver demo`: from nothing to a skybox, through a real server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from skyserver.cli.progress import progress_bar
from skyserver.errors import ServerUnavailable
from skyserver.files import check_writable, write_files
from skyserver.pipeline import Artifact
from skyserver.request import Output, SkyRequest

REQUEST: Final = SkyRequest(
    cloud="Cu", seed=13, outputs=(Output("panorama", 2048), Output("faces", 512))
)
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0

if sys.platform == "win32":  # Ctrl+Break is all that it delivers, to a process group of its own
    _PROCESS_FLAGS, _STOP_SIGNAL = subprocess.CREATE_NEW_PROCESS_GROUP, signal.CTRL_BREAK_EVENT
else:
    _PROCESS_FLAGS, _STOP_SIGNAL = 0, signal.SIGTERM


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the images; made if absent.")
    ] = Path("out"),
    model: Annotated[Path | None, typer.Option(help="Model file instead of the default.")] = None,
) -> None:
    """Start a server, ask it for a cumulus sky over gRPC, write the images, stop the server."""
    from skyserver.client import SkyClient

    check_writable(output, "faces")
    with _server(model) as address:
        typer.echo(f"A server answers at {address}.")
        with SkyClient(address) as client, progress_bar() as progress:
            result = client.generate(REQUEST, progress=progress)
    files = {output / artifact.name: artifact.data for artifact in result.artifacts}
    files[output / "view.png"] = _view(result.artifacts[0])
    write_files(files)
    typer.echo(_farewell(output, sum(result.seconds.values())))


def _farewell(output: Path, seconds: float) -> str:
    """What to look at and what to type next."""
    program = _program()
    return f"""\
Drawn in {seconds:.1f} s; the server has stopped. Look at
  {output / "view.png"}: what a player sees
  {output / "panorama.png"}: the whole sky, 360 x 180 degrees
  {output / "px.png"} and five more: cube faces, +X -X +Y -Y +Z -Z
Next:
  {program} clouds   (the cloud types)
  {program} generate --cloud Cb --seed 1 -o storm.png   (another sky, no server needed)
  {program} serve   (a server that stays)"""


def _program() -> str:
    """What starts this program in the user's shell, which may not have our folder in its path."""
    if shutil.which("skyserver"):
        return "skyserver"
    script = shutil.which("skyserver", path=str(Path(sys.executable).parent))
    command = [script] if script else [sys.executable, "-m", "skyserver"]
    with suppress(ValueError):  # it is not below the working folder
        command[0] = str(Path(command[0]).relative_to(Path.cwd()))
    return subprocess.list2cmdline(command)


def _view(panorama: Artifact) -> bytes:
    """What a player sees who looks a little up."""
    from skyserver.decode import decode
    from skyserver.encode import encode
    from skyserver.sphere import equirect_to_view

    image = decode(panorama.data, panorama.name)
    return encode(equirect_to_view(image, 30, 20, 90, 960, 540), "png")


@contextmanager
def _server(model: Path | None) -> Iterator[str]:
    """Run `skyserver serve` in a process of its own inside the block and yield its address.

    Raises:
        ServerUnavailable: it does not answer; the message has its last line.

    """
    port = _free_port()
    command = [sys.executable, "-m", "skyserver", "serve", "--port", str(port), "--no-http"]
    if model is not None:
        command += ["--model", str(model)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env=_environment(), stdout=said, stderr=said, creationflags=_PROCESS_FLAGS
        )
        try:
            _wait_until_healthy(f"127.0.0.1:{port}", process, said)
            yield f"127.0.0.1:{port}"
        finally:
            _stop(process)


def _environment() -> dict[str, str]:
    """That of this process without the settings of another server, as its token."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SKYSERVER_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    started = time.monotonic()
    while process.poll() is None and time.monotonic() < started + START_SECONDS:
        with grpc.insecure_channel(address) as channel:
            try:
                health_pb2_grpc.HealthStub(channel).Check(
                    health_pb2.HealthCheckRequest(), timeout=1
                )
            except grpc.RpcError:
                time.sleep(0.1)
            else:
                return
    said.seek(0)
    last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
    raise ServerUnavailable(f"the server did not start: {last or 'it said nothing'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop as a user would; end it when it does not."""
    if process.poll() is not None:
        return
    process.send_signal(_STOP_SIGNAL)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
