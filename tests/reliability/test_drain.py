"""A server that stops: within its deadline, and nobody is left without an answer."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore

import pytest
from live import PATIENCE, HeldDrawing, live_server

from skyserver import pipeline
from skyserver.client import RemoteResult, SkyClient
from skyserver.errors import Cancelled, ServerUnavailable
from skyserver.model import SkyModel
from skyserver.request import SkyRequest
from skyserver.server.config import ServerConfig

CALLERS = 24
GRACE = 1.0  # seconds
CLOSING = 5.0  # seconds for the rest, on a busy machine


def test_a_full_queue_is_drained_within_the_grace(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "generate", HeldDrawing(seconds=0.04))  # 0.2 s a sky
    model = SkyModel.load(tiny_model, threads=1)
    config = ServerConfig(port=0, queue=CALLERS, grace=GRACE)
    server, accepted = live_server([model], config), Semaphore(0)
    address = server.__enter__()

    def ask(seed: int) -> RemoteResult | Exception:
        told = iter((accepted.release,))  # once, with the first progress
        with SkyClient(address) as client:
            try:
                return client.generate(
                    SkyRequest("Cu", seed),
                    progress=lambda *_: next(told, lambda: None)(),
                    timeout=PATIENCE,
                )
            except (Cancelled, ServerUnavailable) as error:
                return error

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = [callers.submit(ask, seed) for seed in range(CALLERS)]
        for _ in answers:
            assert accepted.acquire(timeout=PATIENCE)
        began = time.monotonic()
        server.__exit__(None, None, None)
        took = time.monotonic() - began
        ended = [answer.result(PATIENCE) for answer in answers]
    assert took < GRACE + CLOSING
    skies = [one for one in ended if isinstance(one, RemoteResult)]
    assert 1 <= len(skies) < CALLERS
