"""A client of the server: the same requests and results as `skyserver.pipeline`, over gRPC.

    with SkyClient("127.0.0.1:50051") as client:
        result = client.generate(SkyRequest(cloud="Cu", seed=7))

A server that asks for a token, or speaks TLS, is given `Credentials`.

Errors of the server arrive as the exceptions that the pipeline raises for the same request. What a
server sends is checked as anything else from outside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import grpc

from skyserver import messages
from skyserver.credentials import Credentials
from skyserver.errors import DeadlineExceeded, InvalidField, ServerUnavailable, SkyServerError
from skyserver.pipeline import Artifact, Progress, Result
from skyserver.request import (
    THUMBNAIL_SIZE,
    ConvertRequest,
    SkyRequest,
    check_thumbnail_size,
)
from skyserver.status import DETAILS_KEY, from_status
from skyserver.thumbnails import Thumbnail
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

NEEDED_PROTOCOL: Final = 1  # the newest revision whose additions this client relies on
MIXTURES: Final = 2  # the revision since which a server draws them, or would silently not
THUMBNAILS: Final = 2
MAX_PORT: Final = 65_535
DESCRIBE_SECONDS: Final = 10.0  # it does no work: a server that takes longer is not well

_ADDRESS: Final = re.compile(r"([^\s/:\[\]]+|\[[0-9A-Fa-f:.]+\]):([1-9][0-9]{0,4})")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_UNTRUSTED: Final = re.compile(r"CERTIFICATE_VERIFY_FAILED|[Hh]ostname [Vv]erification")
_FOREIGN: Final = {  # statuses that gRPC makes itself, which speak of its insides
    grpc.StatusCode.UNAVAILABLE: (ServerUnavailable, "no SkyServer answers"),
    grpc.StatusCode.UNIMPLEMENTED: (ServerUnavailable, "not a SkyServer"),
    # as Ray's ingress says it of a replica that died, in many lines
    grpc.StatusCode.INTERNAL: (ServerUnavailable, "the call was lost on its way; ask again"),
    grpc.StatusCode.DEADLINE_EXCEEDED: (DeadlineExceeded, "not done in the time given"),
}


@dataclass(frozen=True)
class RemoteResult(Result):
    """A result and how to get it again: `request`, to the model whose digest is `model`.

    After a conversion `request` is None and `model` empty.
    """

    request: SkyRequest | None
    model: str


class SkyClient:
    """A connection to one server, closed by `close` or at the end of a `with` block.

    Raises, from the constructor and from every method:
        InvalidField: `address` is not host:port.
        ServerUnavailable: nobody answers at `address` (host:port), or a server of another kind, or
            one whose protocol is too old or too new, or whose certificate is not trusted.
        Unauthenticated: it asks for a token: none was sent, or one that it does not know.

    """

    def __init__(self, address: str, credentials: Credentials | None = None) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None or int(found[2]) > MAX_PORT:
            raise InvalidField("server", address, "host:port, such as 127.0.0.1:50051")
        credentials = credentials or Credentials()
        self._address = address
        self._metadata = credentials.metadata
        self._channel = credentials.channel(address)
        self._stub = SkyServerStub(self._channel)  # type: ignore[no-untyped-call]  # generated
        try:
            self._server = self.describe()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def describe(self) -> pb.DescribeResponse:
        """Ask what the server is: its version, models and limits."""
        description: pb.DescribeResponse
        try:
            with self._same_errors():
                description = self._stub.Describe(
                    pb.DescribeRequest(), timeout=DESCRIBE_SECONDS, metadata=self._metadata
                )
        except DeadlineExceeded:
            silence = f"{self._address}: no answer within {DESCRIBE_SECONDS:g} seconds"
            raise ServerUnavailable(silence) from None
        self._shake_hands(description, NEEDED_PROTOCOL)
        return description

    def generate(
        self,
        request: SkyRequest,
        model: str = "",
        progress: Progress = lambda _stage, _done: None,
        timeout: float | None = None,
    ) -> RemoteResult:
        """Draw a sky with `model`, a name or digest, the server's default without one.

        Raises:
            InvalidField: a field of the request is not allowed.
            NotFound: the server does not know the model, or the model a cloud type.
            Busy: the server's queue is full, or this client over its limit; its `retry_after` says
                when to ask again, in seconds.
            DeadlineExceeded: `timeout` seconds, or the server's own limit, passed.

        """
        request.check()
        if request.mix_with:
            self._shake_hands(self._server, MIXTURES)
        message = messages.from_sky_request(request, model)
        return self._collect(self._stub.Generate, message, progress, timeout)

    def convert(
        self,
        images: Sequence[bytes],
        request: ConvertRequest,
        progress: Progress = lambda _stage, _done: None,
        timeout: float | None = None,
    ) -> RemoteResult:
        """Turn one encoded image, or six faces in the order +X -X +Y -Y +Z -Z, into a skybox.

        Raises:
            InvalidField: a field of the request, or the shape or size of an image, is not allowed.
            UnreadableImage: bytes that are not an image, or not a safe one.
            Busy, DeadlineExceeded: as for `generate`.

        """
        request.check()
        size, allowed = sum(map(len, images)), self._server.limits.max_upload_bytes
        if size > allowed:
            raise InvalidField("images", f"{size} bytes", f"up to {allowed} bytes in all")
        message = messages.from_convert_request(images, request)
        return self._collect(self._stub.Convert, message, progress, timeout)

    def thumbnails(
        self, size: int = THUMBNAIL_SIZE, model: str = "", timeout: float | None = None
    ) -> tuple[Thumbnail, ...]:
        """Ask for a picture of each cloud type of `model`, `size` (32 to 256) pixels square.

        Raises:
            InvalidField: the size is not allowed.
            NotFound: the server does not know the model.
            Busy, DeadlineExceeded: as for `generate`.

        """
        check_thumbnail_size(size)
        self._shake_hands(self._server, THUMBNAILS)
        message = pb.ThumbnailsRequest(model=model, size=size)
        with self._same_errors():
            return tuple(
                messages.to_thumbnail(event)
                for event in self._stub.Thumbnails(
                    message, timeout=timeout, metadata=self._metadata
                )
            )

    def _collect(
        self,
        call: Callable[..., Any],
        message: pb.GenerateRequest | pb.ConvertRequest,
        progress: Progress,
        timeout: float | None,
    ) -> RemoteResult:
        with self._same_errors():
            events = call(message, timeout=timeout, metadata=self._metadata)
            try:
                return _read(events, progress)
            finally:
                events.cancel()  # of use when `progress` raises; of none after the status

    def _shake_hands(self, server: pb.DescribeResponse, needed: int) -> None:
        """Raise `ServerUnavailable` unless both sides speak a protocol that the other can."""
        which = f"{self._address}: SkyServer {server.server_version}"
        if server.oldest_protocol > messages.PROTOCOL:
            raise ServerUnavailable(
                f"{which} needs a newer client"
                f" (protocol {server.oldest_protocol}, here {messages.PROTOCOL});"
                " update skyserver here"
            )
        if server.protocol < needed:
            raise ServerUnavailable(
                f"{which} is too old for this client"
                f" (protocol {server.protocol}, needed {needed}); update skyserver there"
            )

    @contextmanager
    def _same_errors(self) -> Iterator[None]:
        """Turn gRPC's errors into those of `skyserver.errors`."""
        try:
            yield
        except grpc.RpcError as error:
            trailing = error.trailing_metadata() or ()
            if not any(key == DETAILS_KEY for key, _ in trailing) and error.code() in _FOREIGN:
                kind, text = _FOREIGN[error.code()]
                if _UNTRUSTED.search(error.details() or ""):
                    text = "its certificate is of an authority or for a name that is not trusted"
                raise kind(f"{self._address}: {text}") from None
            raise from_status(error.code(), error.details() or "", trailing) from None


def _read(events: Iterator[pb.SkyEvent], progress: Progress) -> RemoteResult:
    artifacts: list[Artifact] = []
    header, data, result = None, bytearray(), None
    for event in events:
        kind = event.WhichOneof("event")
        if kind in ("artifact", "facts") and header is not None:
            artifacts.append(_artifact(header, bytes(data)))
            header = None
        if kind == "progress":
            progress(event.progress.stage, event.progress.fraction)
        elif kind == "artifact":
            header, data = event.artifact, bytearray()
        elif kind == "chunk":
            data += event.chunk
            if header is None or len(data) > header.size:
                raise SkyServerError("the server sent bytes that it did not announce")
        elif kind == "facts":
            result = _result(artifacts, event.facts)
    if result is None:
        raise SkyServerError("the server's answer ended too early")
    return result  # only now: who leaves before the status comes counts as one who cancelled


def _artifact(header: pb.Artifact, data: bytes) -> Artifact:
    """Check what arrived against its header; its name must be safe to write a file under."""
    if not _FILE_NAME.fullmatch(header.name):
        raise SkyServerError(f"the server sent a file name that is not one: {header.name[:40]!r}")
    if len(data) != header.size or hashlib.sha256(data).digest() != header.sha256:
        raise SkyServerError(f"{header.name} arrived damaged")
    return Artifact(header.name, header.media_type, data, header.width, header.height)


def _result(artifacts: list[Artifact], facts: pb.Facts) -> RemoteResult:
    return RemoteResult(
        artifacts=tuple(artifacts),
        seconds={entry.stage: entry.seconds for entry in facts.stages},
        sun=messages.to_sun(facts.sun) if facts.HasField("sun") else None,
        request=messages.to_sky_request(facts.request) if facts.HasField("request") else None,
        model=facts.request.model,
    )
