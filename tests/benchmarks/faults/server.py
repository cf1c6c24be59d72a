"""The server that is struck: two processes, TLS, a token, a folder of models, a log on a disk."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import environ
from pathlib import Path

import trustme
from callers import OwnConnections

from skyserver.model import default_file

PROCESSES = 2
TOKEN = "the-token-of-all-callers"
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
START_SECONDS = 60.0


@dataclass(frozen=True)
class Files:
    """What the server reads, and `disk`, all that it writes to: its log and temporary files."""

    folder: Path
    disk: Path
    authority: trustme.CA

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens.toml"

    @property
    def model(self) -> Path:
        return self.folder / "models" / "clouds.onnx"

    @property
    def clock(self) -> Path:
        """What libfaketime reads: how far the server's clock is off."""
        return self.folder / "clock"

    @property
    def log(self) -> Path:
        return self.disk / "log"

    @property
    def credentials(self) -> OwnConnections:
        return OwnConnections(TOKEN, self.authority.cert_pem.bytes())


@dataclass(frozen=True)
class Server:
    """One that runs."""

    process: subprocess.Popen[str]
    address: str
    http_address: str
    files: Files

    def workers(self) -> list[int]:
        """The processes that serve: those that listen at both ports. Another one waits."""
        return sorted(one for one in children(self.process.pid) if self._listens(one))

    def is_whole(self) -> bool:
        """Whether all processes serve."""
        return len(self.workers()) == PROCESSES

    def _listens(self, pid: int) -> bool:
        wanted = {f":{int(one.rpartition(':')[2]):04X}" for one in self.addresses}
        tables = [Path("/proc/net", name).read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
        sockets = [line.split() for table in tables for line in table]
        # proc_pid_net(5): an address, the state, an inode
        held = {f"socket:[{one[9]}]" for one in sockets if one[3] == "0A" and one[1][-5:] in wanted}
        return len(held & files_of(pid)) == len(wanted)

    @property
    def addresses(self) -> tuple[str, str]:
        """Both ports."""
        return self.address, self.http_address


@contextmanager
def serving(files: Files, has_own_clock: bool) -> Iterator[Server]:
    """Run a server inside the block; it must stop by itself at its end.

    Its own clock is a slow one: a call takes twice the processor time.
    """
    write_files(files)
    options = {
        "processes": PROCESSES, "port": 0, "http-port": 0, "cache-bytes": 0,
        "certificate": files.certificate, "key": files.key, "tokens": files.tokens,
        "model": files.model, "models-dir": files.model.parent,
    }  # fmt: skip
    clock = _clock(files.clock) if has_own_clock else {}
    flags = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    with (
        files.log.open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "skyserver", "serve", *flags],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**environ, "TMPDIR": str(files.disk), **clock},
        ) as process,
    ):
        try:
            said = process.stdout.readline() if process.stdout else ""
            where = re.search(r"answers at (\S+) \(gRPC\) and https://(\S+)", said)
            if where is None:
                sys.exit(f"the server does not start: {files.log.read_text()}")
            yield Server(process, where[1], where[2], files)
            process.send_signal(signal.SIGTERM)
            if process.wait(START_SECONDS) != 0:
                sys.exit(f"the server ended with {process.returncode}")
        finally:
            process.kill()


def write_files(files: Files) -> None:
    """Write what the server reads."""
    files.model.parent.mkdir(exist_ok=True)
    shutil.copy(str(default_file()), files.model)
    files.clock.write_text("+0\n")
    text = f'[[token]]\nname = "all"\ntoken = "{TOKEN}"\nadmin = true\n'
    files.tokens.write_text(text)
    leaf = files.authority.issue_cert("127.0.0.1")
    leaf.private_key_pem.write_to_path(files.key)
    leaf.cert_chain_pems[0].write_to_path(files.certificate)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> bytes:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def files_of(pid: int) -> set[str]:
    """What a process has open; nothing when it has ended."""
    found = set()
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # a file that it has just closed
                found.add(str(one.readlink()))
    return found


def _clock(file: Path) -> dict[str, str]:
    """Have libfaketime shift the clock by what `file` says.

    The wall clock alone, as when somebody sets it: a monotonic clock never jumps.
    """
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
