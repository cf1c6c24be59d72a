"""A running load: callers who ask for one sky after the other, and what becomes of each call."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import count

import grpc
from PIL import Image

from skyserver.client import DESCRIBE_SECONDS, SkyClient
from skyserver.credentials import Credentials
from skyserver.errors import SkyServerError
from skyserver.request import Output, SkyRequest

CALLERS = 3
PATIENCE = 60.0  # seconds for a call; one that takes longer hangs
CALLS_A_CONNECTION = 4
SEEDS = 16  # different skies
SIZE = 512
SKY = "sky"


class OwnConnections(Credentials):
    """Every channel has a connection of its own, so that all processes of a server are asked."""

    def channel(self, address: str) -> grpc.Channel:
        options = [("grpc.use_local_subchannel_pool", 1)]
        if self.authorities is None:
            return grpc.insecure_channel(address, options)
        tls = grpc.ssl_channel_credentials(self.authorities)
        return grpc.secure_channel(address, tls, options)


@dataclass(frozen=True)
class Call:
    """A call that ended: in a sky, or with the status of an error. `broken` is what is wrong."""

    began: float
    ended: float
    outcome: str
    broken: str = ""


class Load:
    """`CALLERS` callers of a server; `calls` are those that ended, in that order.

    `usual` is what a call takes while nothing strikes, in seconds.
    """

    def __init__(self, address: str, credentials: Credentials) -> None:
        self.calls: list[Call] = []
        self.usual = 0.0
        self._address = address
        self._credentials = credentials
        self._under_way: dict[int, float] = {}
        self._digests: dict[int, str] = {}
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let them call until the block ends."""
        threads = [threading.Thread(target=self._call_on, args=(n,)) for n in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    @property
    def in_flight(self) -> int:
        """How many calls are under way now."""
        return len(self._under_way)

    def is_past(self, moment: float) -> bool:
        """Whether all calls of before that moment have ended."""
        return all(began > moment for began in tuple(self._under_way.values()))

    def sky_after(self, moment: float) -> float | None:
        """Seconds from a moment to the first sky of those who called after it, if there is one."""
        skies = [one.ended for one in self.calls if one.outcome == SKY and one.began > moment]
        return min(skies) - moment if skies else None

    def _call_on(self, caller: int) -> None:
        seeds = count(caller)
        while not self._stop.is_set():
            with self._noted(caller) as client:
                for _ in range(CALLS_A_CONNECTION):
                    if client is None or not self._ask(caller, client, next(seeds) % SEEDS):
                        time.sleep(0.1)
                        break

    @contextmanager
    def _noted(self, caller: int) -> Iterator[SkyClient | None]:
        """Connect; a connection that fails is a call that ended so."""
        began = self._under_way[caller] = time.monotonic()
        try:
            client = SkyClient(self._address, self._credentials)
        except SkyServerError as error:
            self._end(caller, began, error.status, _broken(error, began, DESCRIBE_SECONDS))
            yield None
        else:
            with client:
                yield client

    def _ask(self, caller: int, client: SkyClient, seed: int) -> bool:
        output = Output(size=SIZE)
        request = SkyRequest("Cu", seed, pictures=1, method="mirror", outputs=(output,))
        began = self._under_way[caller] = time.monotonic()
        try:
            (artifact,) = client.generate(request, timeout=PATIENCE).artifacts
        except SkyServerError as error:
            self._end(caller, began, error.status, _broken(error, began, PATIENCE))
            return False
        self._end(caller, began, SKY, self._flaw(seed, artifact.data))
        return True

    def _end(self, caller: int, began: float, outcome: str, broken: str) -> None:
        self.calls.append(Call(began, time.monotonic(), outcome, broken))
        self._under_way.pop(caller)

    def _flaw(self, seed: int, data: bytes) -> str:
        """What is wrong with a sky: each is the same whenever it is asked for."""
        try:
            picture = Image.open(BytesIO(data))
            picture.load()
        except OSError as error:
            return f"a sky that cannot be decoded: {error}"
        if (picture.format, picture.size) != ("PNG", (SIZE, SIZE // 2)):
            return f"a sky that was not asked for: {picture.format}, {picture.size}"
        digest = hashlib.sha256(data).hexdigest()
        first = self._digests.setdefault(seed, digest)
        return "" if digest == first else f"another sky than before for seed {seed}"


def _broken(error: SkyServerError, began: float, patience: float) -> str:
    """What is wrong with an error: it came of itself, and a client can tell what it is.

    Errors of the server have the id of the call. The only one that a client may have to make is
    that the connection is lost.
    """
    if error.request_id:
        return ""
    if time.monotonic() - began >= patience:
        return f"a call that hung: {error}"
    return "" if error.status == "UNAVAILABLE" else f"an error without a name: {error}"
