"""Fixtures for tests that talk to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from live import live_server

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig


@pytest.fixture(scope="session")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model, threads=1)


@pytest.fixture
def address(model: SkyModel) -> Iterator[str]:
    """A server with one worker, two waiting places, a small upload limit and no cache."""
    config = ServerConfig(port=0, queue=2, max_upload_bytes=2**20, grace=5, cache_bytes=0)
    with live_server([model], config) as address:
        yield address


@pytest.fixture
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address) as channel:
        yield channel
