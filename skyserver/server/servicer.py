"""The calls of the protocol: from message to pipeline and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import grpc.aio

from skyserver import messages, pipeline
from skyserver.errors import InvalidField
from skyserver.request import THUMBNAIL_SIZE, check_thumbnail_size
from skyserver.server import metrics, tracing
from skyserver.server.access import caller
from skyserver.server.cache import Cache, Report
from skyserver.server.config import ServerConfig
from skyserver.server.gallery import Gallery
from skyserver.server.jobs import JobQueue
from skyserver.server.log import note
from skyserver.server.outbox import Outbox
from skyserver.server.registry import Registry
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerServicer

Draw: TypeAlias = Callable[[pipeline.Progress, pipeline.Cancelled], pipeline.Result]


class Servicer(SkyServerServicer):
    """Answers the calls. Errors are raised as they are: guard.py makes statuses of them.

    Requests are checked before they take a place in the queue.
    """

    def __init__(
        self,
        registry: Registry,
        config: ServerConfig,
        jobs: JobQueue,
        gallery: Gallery,
        outbox: Outbox,
    ) -> None:
        self._registry = registry
        self._config = config
        self._jobs = jobs
        self._gallery = gallery
        self._outbox = outbox
        self._cache: Cache[_Sky] = Cache(config.cache_bytes, lambda sky: sky.size)

    async def Describe(
        self, request: pb.DescribeRequest, context: grpc.aio.ServicerContext
    ) -> pb.DescribeResponse:
        """Say what this server is and what it allows."""
        return messages.to_description(self._registry.models, self._config, caller().limits)

    async def Generate(
        self, request: pb.GenerateRequest, context: grpc.aio.ServicerContext
    ) -> None:
        """Draw a sky."""
        model = self._registry.get(request.model)
        sky = messages.to_sky_request(request)
        sky.check()
        model.class_weights(sky.cloud, sky.mix_with, sky.mix_share)
        note(cloud=sky.cloud, seed=sky.seed)
        if sky.mix_with:
            note(mix_with=sky.mix_with, mix_share=sky.mix_share)
        again = messages.from_sky_request(sky, model.info.digest)
        drawn, outcome = await self._cache.get(
            again.SerializeToString(deterministic=True),
            partial(self._made, partial(pipeline.generate, model, sky)),
            _report_to(context),
        )
        note(cache=outcome)
        metrics.cache(outcome, self._cache.held_bytes)
        await self._send(context, drawn, again)

    async def Convert(self, request: pb.ConvertRequest, context: grpc.aio.ServicerContext) -> None:
        """Turn the caller's own image into a skybox."""
        conversion = messages.to_convert_request(request)
        conversion.check()
        images = self._images(request)
        del request  # it has them all once more
        draw = partial(pipeline.convert, images, conversion, max_pixels=self._config.max_pixels)
        await self._send(context, await self._made(draw, _report_to(context)), None)

    async def Thumbnails(
        self, request: pb.ThumbnailsRequest, context: grpc.aio.ServicerContext
    ) -> None:
        """Show what each cloud type looks like."""
        model = self._registry.get(request.model)
        size = request.size or THUMBNAIL_SIZE
        check_thumbnail_size(size)
        note(size=size)
        for thumbnail in await self._gallery.thumbnails(model, size):
            await context.write(messages.from_thumbnail(thumbnail))

    def _images(self, request: pb.ConvertRequest) -> list[bytes]:
        count, allowed = len(request.images), self._config.max_upload_bytes
        if count not in (1, 6):  # before each of what may be millions becomes an object
            raise InvalidField("images", count, "one image, or six cube faces")
        size = sum(map(len, request.images))
        if size > allowed:
            raise InvalidField("images", f"{size} bytes", f"up to {allowed} bytes in all")
        note(upload_bytes=size)
        return list(request.images)

    async def _made(self, draw: Draw, report: Report) -> _Sky:
        """Draw in the queue's threads."""
        arrived = time.monotonic()

        def work(progress: pipeline.Progress, cancelled: pipeline.Cancelled) -> _Sky:
            result = draw(traced(progress), cancelled)
            waited = time.monotonic() - arrived - sum(result.seconds.values())
            headers = tuple(messages.to_header(artifact) for artifact in result.artifacts)
            return _Sky(result, headers, {"queue": waited, **result.seconds})

        with tracing.stages() as traced:
            sky = await self._jobs.run(work, report)
        note(stage_ms={stage: round(spent * 1000, 1) for stage, spent in sky.seconds.items()})
        for stage, spent in sky.seconds.items():
            if spent:  # a conversion draws no picture
                metrics.stage(stage, spent)
        return sky

    async def _send(
        self, context: grpc.aio.ServicerContext, sky: _Sky, again: pb.GenerateRequest | None
    ) -> None:
        """Write all that comes after the progress."""
        with self._outbox.sending(sky, sky.size):
            for header, artifact in zip(sky.headers, sky.result.artifacts, strict=True):
                await context.write(pb.SkyEvent(artifact=header))
                for chunk in messages.to_chunks(artifact.data):
                    await context.write(chunk)
                metrics.sent(len(artifact.data))
            await context.write(messages.to_facts(sky.seconds, sky.result.sun, again))


@dataclass(frozen=True, eq=False)
class _Sky:
    """What is sent: `headers` announce the artifacts of `result`; `seconds` are by stage."""

    result: pipeline.Result
    headers: tuple[pb.Artifact, ...]
    seconds: dict[str, float]

    @property
    def size(self) -> int:
        return sum(len(artifact.data) for artifact in self.result.artifacts)


def _report_to(context: grpc.aio.ServicerContext) -> Report:
    async def report(stage: str, done: float) -> None:
        await context.write(messages.to_progress(stage, done))

    return report
