"""What befalls a server while it is asked, and what it must do then."""

from __future__ import annotations

import json
import os
import random
import signal
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import grpc
from disk import full
from relay import Relay
from server import Server
from strike import PATIENCE, SERVES_AGAIN, Fault, promise, wait_until

from skyserver.errors import ModelError, SkyServerError
from skyserver.files import write_files
from skyserver.status import from_status
from skyserver.v1 import admin_pb2
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.admin_pb2_grpc import AdminStub
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

TAIL = 20_000  # bytes of the log
CONNECTIONS = 6  # new ones, so that most likely all processes are asked
FARTHEST_JUMP = 7 * 86_400.0  # seconds, within the validity of the certificate


def faults_of(server: Server) -> dict[str, Fault]:
    """All faults by their names."""
    faults = ServerFaults(server)
    return {
        "worker killed": faults.worker_killed,
        "all workers killed": faults.all_workers_killed,
        "client gone": faults.client_gone,
        "model corrupt": faults.model_corrupt,
        "certificate rotated": faults.certificate_rotated,
        "disk full": faults.disk_full,
        "clock jumped": faults.clock_jumped,
    }


class ServerFaults:
    """The faults, for one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._files = server.files

    @contextmanager
    def worker_killed(self, chance: random.Random) -> Iterator[str]:
        """A process dies; another takes its place."""
        os.kill(chance.choice(self._server.workers()), signal.SIGKILL)
        yield "kill -9"
        wait_until(self._server.is_whole, "no process in its place")

    @contextmanager
    def all_workers_killed(self, _chance: random.Random) -> Iterator[str]:
        """All processes that serve die at once; the one that waits is what is left."""
        for pid in self._server.workers():
            os.kill(pid, signal.SIGKILL)
        yield "kill -9"
        wait_until(self._server.is_whole, "no processes in their place")

    @contextmanager
    def client_gone(self, chance: random.Random) -> Iterator[str]:
        """A client vanishes while its sky is drawn: the work stops, and the log says so."""
        how, call_id = chance.choice(["closed", "reset"]), uuid.uuid4().hex
        relay = Relay(self._server.address)
        credentials = self._files.credentials
        with credentials.channel(relay.address) as channel:
            call = SkyServerStub(channel).Generate(
                pb.GenerateRequest(cloud="Cu", outputs=[pb.Output(size=4096)]),
                metadata=[*credentials.metadata, ("x-request-id", call_id)],
                timeout=PATIENCE,
            )
            next(call)
            relay.cut(how)
            with suppress(grpc.RpcError):
                list(call)
        yield how
        wait_until(lambda: self._line(call_id), "the call that nobody waits for goes on")
        status = self._line(call_id).get("status")
        promise(status == "CANCELLED", f"nobody was there, and the call ended with {status}")

    @contextmanager
    def model_corrupt(self, chance: random.Random) -> Iterator[str]:
        """The model's file is damaged, and a load of it asked for: refused, skies go on."""
        file, good = self._files.model, self._files.model.read_bytes()
        bad = chance.choice([b"", chance.randbytes(10_000), good[: chance.randrange(len(good))]])
        how = chance.choice(["replaced", "overwritten"])
        try:
            if how == "replaced":
                write_files({file: bad})
            else:
                file.write_bytes(bad)
            refused = self._loaded(file.name)
            promise(isinstance(refused, ModelError), f"not refused as what it is: {refused!r}")
            yield how
        finally:
            write_files({file: good})
        promise(self._loaded(file.name) is None, "the good file is refused")

    @contextmanager
    def certificate_rotated(self, chance: random.Random) -> Iterator[str]:
        """Another certificate takes the place of the first, at once or by way of damaged files."""
        how = chance.choice(["at once", "certificate first", "damaged first"])
        before = self._files.certificate.read_text()
        leaf = self._files.authority.issue_cert("127.0.0.1")
        certificate, key = leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
        if how == "certificate first":
            write_files({self._files.certificate: certificate})
        elif how == "damaged first":
            self._files.certificate.write_bytes(certificate[: chance.randrange(len(certificate))])
            self._files.key.write_bytes(chance.randbytes(100))
        promise(self._shown() == {before}, "with half a pair another certificate is shown")
        write_files({self._files.certificate: certificate, self._files.key: key})
        yield how
        wait_until(
            lambda: self._shown() == {certificate.decode()}, "the old one is shown", SERVES_AGAIN
        )

    @contextmanager
    def disk_full(self, chance: random.Random) -> Iterator[str]:
        """The disk of the log and of temporary files is full, and perhaps a process dies then."""
        dies = chance.random() < 0.5
        with full(self._files.disk):
            if dies:
                os.kill(chance.choice(self._server.workers()), signal.SIGKILL)
            yield "kill -9 as well" if dies else "full"
            wait_until(self._server.is_whole, "no process in its place")
        size = self._files.log.stat().st_size
        wait_until(lambda: self._files.log.stat().st_size > size, "the log does not go on")

    @contextmanager
    def clock_jumped(self, chance: random.Random) -> Iterator[str]:
        """The wall clock is set anew, forwards or backwards, and later back again."""
        seconds = chance.choice([-1, 1]) * FARTHEST_JUMP ** chance.uniform(0.2, 1)
        try:
            self._set_clock(seconds)
            yield "forwards" if seconds > 0 else "backwards"
        finally:
            self._set_clock(0.0)

    def _set_clock(self, seconds: float) -> None:
        self._files.clock.write_text(f"{seconds:+.0f}\n")

        def has_jumped() -> bool:
            *_, last = self._lines()
            logged = datetime.fromisoformat(last["time"]).timestamp()
            return abs(logged - (self._files.log.stat().st_mtime + seconds)) < 2.0

        wait_until(has_jumped, "the clock does not jump")

    def _loaded(self, name: str) -> SkyServerError | None:
        """Ask for a load of a model's file; the error, if that is the answer."""
        credentials = self._files.credentials
        with credentials.channel(self._server.address) as channel:
            request = admin_pb2.LoadModelRequest(file=name)
            try:
                AdminStub(channel).LoadModel(request, metadata=credentials.metadata, timeout=60)
            except grpc.RpcError as error:
                return from_status(error.code(), error.details(), error.trailing_metadata())
        return None

    def _shown(self) -> set[str]:
        """The certificates that new connections are shown, at both ports."""
        split = [one.rpartition(":") for one in self._server.addresses]
        places = [(host, int(port)) for host, _, port in split]
        return {
            ssl.get_server_certificate(place, timeout=10)
            for place in places
            for _ in range(CONNECTIONS)
        }

    def _lines(self) -> Iterator[dict[str, str]]:
        """The end of the log, without lines that the full disk cut."""
        for line in self._files.log.read_bytes()[-TAIL:].splitlines():
            with suppress(ValueError):
                yield json.loads(line)

    def _line(self, call_id: str) -> dict[str, str]:
        return next((one for one in self._lines() if one.get("request_id") == call_id), {})
