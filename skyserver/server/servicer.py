"""The calls of the protocol: from message to pipeline and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

import grpc.aio

from skyserver import messages, pipeline
from skyserver.errors import InvalidField
from skyserver.request import THUMBNAIL_SIZE, check_thumbnail_size
from skyserver.server import metrics
from skyserver.server.config import ServerConfig
from skyserver.server.gallery import Gallery
from skyserver.server.jobs import JobQueue
from skyserver.server.log import note
from skyserver.server.registry import Registry
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerServicer

Draw: TypeAlias = Callable[[pipeline.Progress, pipeline.Cancelled], pipeline.Result]


class Servicer(SkyServerServicer):
    """Answers the calls. Errors are raised as they are: guard.py makes statuses of them.

    Requests are checked before they take a place in the queue.
    """

    def __init__(
        self, registry: Registry, config: ServerConfig, jobs: JobQueue, gallery: Gallery
    ) -> None:
        self._registry = registry
        self._config = config
        self._jobs = jobs
        self._gallery = gallery

    async def Describe(
        self, request: pb.DescribeRequest, context: grpc.aio.ServicerContext
    ) -> pb.DescribeResponse:
        """Say what this server is and what it allows."""
        return messages.to_description(
            [model.info for model in self._registry.models], self._config
        )

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
        await self._answer(
            context,
            lambda progress, cancelled: pipeline.generate(model, sky, progress, cancelled),
            again,
        )

    async def Convert(self, request: pb.ConvertRequest, context: grpc.aio.ServicerContext) -> None:
        """Turn the caller's own image into a skybox."""
        conversion = messages.to_convert_request(request)
        conversion.check()
        images = self._images(request)
        await self._answer(
            context,
            lambda progress, cancelled: pipeline.convert(images, conversion, progress, cancelled),
        )

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

    async def _answer(
        self,
        context: grpc.aio.ServicerContext,
        draw: Draw,
        again: pb.GenerateRequest | None = None,
    ) -> None:
        """Draw in the queue's threads and write the whole stream of events."""
        arrived = time.monotonic()

        def work(
            progress: pipeline.Progress, cancelled: pipeline.Cancelled
        ) -> tuple[pipeline.Result, list[pb.Artifact], float]:
            waited = time.monotonic() - arrived
            result = draw(progress, cancelled)
            return result, [messages.to_header(artifact) for artifact in result.artifacts], waited

        async def report(stage: str, done: float) -> None:
            await context.write(messages.to_progress(stage, done))

        result, headers, waited = await self._jobs.run(work, report)
        seconds = {"queue": waited, **result.seconds}
        note(stage_ms={stage: round(spent * 1000, 1) for stage, spent in seconds.items()})
        for stage, spent in seconds.items():
            if spent:  # a conversion draws no picture
                metrics.stage(stage, spent)
        for header, artifact in zip(headers, result.artifacts, strict=True):
            await context.write(pb.SkyEvent(artifact=header))
            for chunk in messages.to_chunks(artifact.data):
                await context.write(chunk)
            metrics.sent(len(artifact.data))
        await context.write(messages.to_facts(seconds, result.sun, again))
