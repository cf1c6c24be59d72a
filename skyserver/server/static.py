"""The web page's site over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import Callable
from importlib.resources.abc import Traversable
from typing import Final

from skyserver.errors import Busy
from skyserver.page_headers import ASK_AGAIN, FOREVER, SAFETY
from skyserver.server.asgi import Headers, Send, begin, body, plain
from skyserver.server.gallery import Gallery
from skyserver.site import (
    NOT_BUILT,
    START,
    THUMBNAIL_FORMAT,
    THUMBNAIL_SIZE,
    Document,
    Site,
    StaticFile,
    ThumbnailOf,
)

_PIECE: Final = 2**18  # bytes of a large file that are read and sent at a time
_REFUSED: Final = re.compile(r"\s*q=0(\.0*)?\s*")


class StaticSite:
    """Answers GET and HEAD for the paths of a site; there is nothing at any other.

    `site` is called for each request, as the models may change.
    """

    def __init__(self, site: Callable[[], Site], gallery: Gallery) -> None:
        self._site = site
        self._gallery = gallery

    async def answer(self, path: str, method: str, asked: Headers, send: Send) -> None:
        """Answer one request, whose headers are `asked`."""
        name = path.removeprefix("/") or START
        content = self._site().get(name)
        if content is None:
            await plain(send, 404, NOT_BUILT if name == START else "nothing here", SAFETY)
            return
        if method not in ("GET", "HEAD"):
            await plain(send, 405, "GET and HEAD alone", {**SAFETY, "allow": "GET, HEAD"})
            return
        reply = _Reply(send, asked, method == "GET", content.media_type)
        match content:
            case StaticFile():
                file = reply.choose_form(content)
                if content.immutable:
                    await reply.stream(file)
                else:
                    await reply.checked(file.read_bytes())
            case Document():
                await reply.checked(content.data)
            case ThumbnailOf():
                await self._thumbnail(content, reply, send)

    async def _thumbnail(self, wanted: ThumbnailOf, reply: _Reply, send: Send) -> None:
        try:
            drawn = await self._gallery.thumbnails(wanted.model, THUMBNAIL_SIZE, THUMBNAIL_FORMAT)
        except Busy as busy:
            await plain(send, 503, str(busy), {**SAFETY, "retry-after": f"{busy.retry_after:.0f}"})
        else:
            (image,) = (one.image for one in drawn if one.cloud == wanted.cloud)
            await reply.checked(image)


class _Reply:
    """The answer to a request that finds something; its body is left out unless `with_body`."""

    def __init__(self, send: Send, asked: Headers, with_body: bool, media_type: str) -> None:
        self._send = send
        self._asked = asked
        self._with_body = with_body
        self._headers = {**SAFETY, "content-type": media_type}

    def choose_form(self, content: StaticFile) -> Traversable:
        """Return the first form of a file that the client accepts (RFC 9110, 12.5.3)."""
        if content.compressed:
            self._headers["vary"] = "accept-encoding"
        accepted = set()
        for entry in self._asked.get("accept-encoding", "").split(","):
            coding, _, weight = entry.partition(";")
            if not _REFUSED.fullmatch(weight):
                accepted.add(coding.strip())
        for coding, file in content.compressed.items():
            if coding in accepted:
                self._headers["content-encoding"] = coding
                return file
        return content.file

    async def stream(self, file: Traversable) -> None:
        """Answer with what never changes, piece by piece."""
        with file.open("rb") as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            await self._begin(200, {**FOREVER, "content-length": str(size)})
            while self._with_body and (piece := await asyncio.to_thread(stream.read, _PIECE)):
                await body(self._send, piece, more=True)
            await body(self._send, b"")

    async def checked(self, data: bytes) -> None:
        """Answer with what may change, or that the client's own copy still holds."""
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        facts = {**ASK_AGAIN, "etag": tag}
        held = self._asked.get("if-none-match", "").split(",")
        if not {tag, "*"}.isdisjoint(entry.strip().removeprefix("W/") for entry in held):
            await self._begin(304, facts)
            await body(self._send, b"")
            return
        await self._begin(200, {**facts, "content-length": str(len(data))})
        await body(self._send, data if self._with_body else b"")

    async def _begin(self, status: int, facts: Headers) -> None:
        await begin(self._send, status, {**self._headers, **facts}.items())
