"""Far more callers than a server has room for: each gets an answer, and nothing piles up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from live import PATIENCE, live_server, wait_until

from skyserver import pipeline
from skyserver.client import SkyClient
from skyserver.errors import Busy, ServerUnavailable
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.server.config import ServerConfig

CUMULUS = SkyRequest("Cu", seed=7, pictures=2, outputs=(Output(size=512),))
# 0.5 MB that do not compress: calls that leave their results behind are 8.5 MB a round at least.
BULKY = SkyRequest("Cu", pictures=1, outputs=(Output(size=512, format="hdr"),))
PLACES = 17  # one worker, and a queue of 16
CALLERS = 200


def ask(client: SkyClient, request: SkyRequest) -> bytes | float:
    """The bytes of the sky, or the delay after which to ask again."""
    try:
        return client.generate(request, timeout=120).artifacts[0].data
    except Busy as busy:
        return busy.retry_after


def test_each_of_two_hundred_callers_gets_a_sky_or_a_delay(tiny_model: Path) -> None:
    model = SkyModel.load(tiny_model, threads=1)
    with (
        live_server([model], ServerConfig(port=0, queue=PLACES - 1)) as address,
        SkyClient(address) as client,
        ThreadPoolExecutor(CALLERS) as callers,
    ):
        requests = [replace(CUMULUS, seed=number) for number in range(CALLERS)]
        answers = list(callers.map(lambda request: ask(client, request), requests))
        skies = {n: answer for n, answer in enumerate(answers) if isinstance(answer, bytes)}
        delays = [answer for answer in answers if isinstance(answer, float)]
        assert len(skies) + len(delays) == CALLERS
        assert len(skies) >= PLACES
        assert delays
        assert all(0.1 <= delay <= 60 for delay in delays)
        for number in list(skies)[:3]:
            drawn = pipeline.generate(model, requests[number]).artifacts[0].data
            assert ask(client, requests[number]) == skies[number] == drawn


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_memory_does_not_grow_from_one_round_to_the_next(tiny_model: Path) -> None:
    with serving_process(tiny_model) as (address, process):
        sizes = []
        with SkyClient(address) as client, ThreadPoolExecutor(30) as callers:
            for _ in range(2):
                answers = list(
                    callers.map(lambda seed: ask(client, replace(BULKY, seed=seed)), range(30))
                )
                assert sum(isinstance(answer, bytes) for answer in answers) >= PLACES
                sizes.append(resident_megabytes(process.pid))
        assert process.poll() is None
    warm, after = sizes
    assert after < warm + 5, sizes


@contextmanager
def serving_process(model: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "skyserver", "serve", "--port", str(port), "--no-http"]
    command += ["--cache-bytes", "0"]
    process = subprocess.Popen(
        [*command, "--model", str(model)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: answers(f"127.0.0.1:{port}"))
        yield f"127.0.0.1:{port}", process
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def answers(address: str) -> bool:
    try:
        SkyClient(address).close()
    except ServerUnavailable:
        return False
    return True


def resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
