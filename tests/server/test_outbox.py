"""Answers that are being sent, and what waits for them to be read."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import grpc
import pytest
from live import HeldDrawing, live_server, wait_until

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server import metrics
from skyserver.server.config import ServerConfig
from skyserver.server.outbox import Outbox
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

MORE_THAN_IS_UNDER_WAY = bytes(32 * 2**20)  # than gRPC and the system take from the server unread


async def has_room(outbox: Outbox) -> bool:
    waiting = asyncio.create_task(outbox.room())
    for _ in range(5):
        await asyncio.sleep(0)
    return waiting.cancel() is False


def test_there_is_room_below_the_bound_and_an_answer_to_many_counts_once() -> None:
    async def main() -> None:
        outbox = Outbox(100)
        with ExitStack() as sent:
            for _ in range(3):
                sent.enter_context(outbox.sending("a", 60))
            assert await has_room(outbox)
            with outbox.sending("b", 40):
                assert not await has_room(outbox)
            assert await has_room(outbox)
            with pytest.raises(ConnectionError), outbox.sending("b", 1000):
                raise ConnectionError
            assert await has_room(outbox)

    asyncio.run(main())


def test_who_waits_goes_on_only_while_there_is_room() -> None:
    async def main() -> None:
        outbox, begun = Outbox(100), []

        async def draw(name: str) -> None:
            await outbox.room()
            begun.append(name)
            sent.enter_context(outbox.sending(name, 100))

        with ExitStack() as sent:
            with outbox.sending("first", 100):
                tasks = [asyncio.create_task(draw(name)) for name in "ab"]
                await asyncio.sleep(0)
            await asyncio.wait(tasks, timeout=0.05)
            assert begun == ["a"]
        await asyncio.gather(*tasks)
        assert begun == ["a", "b"]

    asyncio.run(main())


def test_nothing_is_drawn_while_clients_do_not_read(
    model: SkyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = HeldDrawing(MORE_THAN_IS_UNDER_WAY)
    drawing.gate.set()
    monkeypatch.setattr(pipeline, "generate", drawing)
    config = ServerConfig(port=0, queue=0, cache_bytes=0, sending_bytes=1)
    with live_server([model], config) as address, grpc.insecure_channel(address) as channel:
        generate = SkyServerStub(channel).Generate
        unread = generate(pb.GenerateRequest(cloud="Cu", seed=1))
        wait_until(lambda: b"skyserver_sending_bytes 3" in metrics.exposition())
        waiting = generate(pb.GenerateRequest(cloud="Cu", seed=2))
        assert next(waiting).progress.stage == "queue"
        with pytest.raises(grpc.RpcError) as refused:
            list(generate(pb.GenerateRequest(cloud="Cu", seed=3)))
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(drawing.begun) == len(pipeline.STAGES)
        unread.cancel()
        assert list(waiting)[-1].HasField("facts")
