"""A replica as Ray calls it, without Ray."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from skyserver import messages, pipeline
from skyserver.client import _read
from skyserver.cluster.ingress import METHODS, add_services
from skyserver.cluster.replica import SkyReplica, inside
from skyserver.errors import NotFound, Unauthenticated
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest
from skyserver.server.config import ServerConfig
from skyserver.status import from_status
from skyserver.v1 import skyserver_pb2 as pb

REQUEST = SkyRequest("Cu", 7, outputs=(Output(size=512),))


class RayContext:
    """What a replica uses of `ray.serve.grpc_util.RayServegRPCContext`."""

    def __init__(self, **metadata: str) -> None:
        self._sent = [(key.replace("_", "-"), value) for key, value in metadata.items()]
        self.code, self.details, self.trailing = None, "", []

    def invocation_metadata(self):
        return self._sent

    def set_code(self, code):
        self.code = code

    def set_details(self, details):
        self.details = details

    def set_trailing_metadata(self, trailing):
        self.trailing = trailing


def with_replica(
    model: Path, use: Callable[[SkyReplica], Awaitable[Any]], **settings: object
) -> Any:
    """What `use` returns of a replica that runs."""

    async def main() -> Any:
        replica = SkyReplica(ServerConfig(models=(model,), insecure=True, **settings), 1)
        await replica.check_health()
        try:
            return await use(replica)
        finally:
            await replica.close()

    return asyncio.run(main())


async def read(answers: AsyncIterator[Any]) -> list[bytes]:
    return [answer.SerializeToString() async for answer in answers]


def generate(request: SkyRequest) -> bytes:
    return messages.from_sky_request(request, "").SerializeToString()


def test_a_sky_has_the_bytes_of_the_pipeline(tiny_model: Path) -> None:
    context = RayContext(x_request_id="abc")

    async def use(replica: SkyReplica) -> list[bytes]:
        return await read(replica.Generate(generate(REQUEST), context))

    events = [pb.SkyEvent.FromString(data) for data in with_replica(tiny_model, use)]
    result = _read(iter(events), lambda _stage, _done: None)
    here = pipeline.generate(SkyModel.load(tiny_model), REQUEST)
    assert result.artifacts == here.artifacts
    assert result.request == REQUEST
    assert context.trailing == [("x-request-id", "abc")]


def test_an_error_keeps_its_details_and_the_request_id(tiny_model: Path) -> None:
    context = RayContext(x_request_id="abc")

    async def use(replica: SkyReplica) -> list[bytes]:
        return await read(replica.Generate(generate(SkyRequest("fog")), context))

    assert with_replica(tiny_model, use) == [b""]
    error = from_status(context.code, context.details, context.trailing)
    assert isinstance(error, NotFound)
    assert error.known == NotFound("cloud", "fog", error.known).known
    assert error.request_id == "abc"


def test_unary_calls(tiny_model: Path) -> None:
    async def use(replica: SkyReplica) -> tuple[bytes, bytes]:
        described = await replica.Describe(b"", RayContext())
        healthy = await replica.Check(b"", RayContext())
        return described.SerializeToString(), healthy.SerializeToString()

    described, healthy = with_replica(tiny_model, use)
    assert [model.name for model in pb.DescribeResponse.FromString(described).models] == ["tiny"]
    assert health_pb2.HealthCheckResponse.FromString(healthy).status == 1


def test_bytes_that_are_no_message(tiny_model: Path) -> None:
    context = RayContext()

    async def use(replica: SkyReplica) -> bytes:
        return (await replica.Describe(b"\xff\xff", context)).SerializeToString()

    assert with_replica(tiny_model, use) == b""
    assert context.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(("sent", "refused"), [("Bearer " + "t" * 32, False), ("Bearer x", True)])
def test_a_token_is_asked_for_by_the_server_inside(
    tiny_model: Path, sent: str, refused: bool
) -> None:
    context = RayContext(authorization=sent)

    async def use(replica: SkyReplica) -> bytes:
        return (await replica.Describe(b"", context)).SerializeToString()

    answer = with_replica(tiny_model, use, token="t" * 32)
    assert (context.code is grpc.StatusCode.UNAUTHENTICATED) == refused
    assert (answer == b"") == refused
    if refused:
        assert isinstance(from_status(context.code, "", context.trailing), Unauthenticated)


def test_a_caller_who_leaves_stops_the_work(tiny_model: Path) -> None:
    async def use(replica: SkyReplica) -> int:
        large = SkyRequest("Cu", outputs=(Output(size=8192),))
        answers = replica.Generate(generate(large), RayContext())
        seen = 0
        async for _ in answers:
            seen += 1
            if seen == 3:
                await answers.aclose()
        # with one worker and no queue this one finds a place only where the first has left it
        async with asyncio.timeout(20):
            while True:
                context = RayContext()
                events = await read(replica.Generate(generate(REQUEST), context))
                if context.code is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    return len(events)
                await asyncio.sleep(0.05)

    assert with_replica(tiny_model, use, workers=1, queue=0) > 3


def test_the_server_inside_is_for_its_process_alone() -> None:
    config = inside(ServerConfig(host="0.0.0.0", insecure=True, port=50051, queue=3))
    assert (config.host, config.port, config.http, config.queue) == ("127.0.0.1", 0, False, 3)


def test_a_model_that_is_absent_keeps_a_replica_from_starting() -> None:
    replica = SkyReplica(ServerConfig(models=(Path("absent.onnx"),)), 1)
    with pytest.raises(Exception, match=r"absent\.onnx: cannot be read"):
        asyncio.run(replica.check_health())


def test_the_ingress_has_every_method_that_a_replica_answers() -> None:
    class Server:
        def __init__(self) -> None:
            self.methods: dict[str, grpc.RpcMethodHandler] = {}

        def add_generic_rpc_handlers(self, handlers):
            self.methods |= handlers[0]._method_handlers

    server = Server()
    add_services(None, server)
    streams = {path: handler.response_streaming for path, handler in server.methods.items()}
    assert streams == {
        f"/{method.containing_service.full_name}/{method.name}": method.server_streaming
        for method in METHODS
    }
    assert "/skyserver.v1.SkyServer/Generate" in streams
    for path in streams:
        assert callable(getattr(SkyReplica, path.rpartition("/")[2]))
