"""The web page's site: which paths there are, and what stands at each.

`skyserver serve` answers them (server/static.py), and `write_copy` writes them out for any host.
The page addresses all of them relative to itself, so the site works below any folder.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

from skyserver import __version__
from skyserver.encode import MEDIA_TYPES
from skyserver.errors import OutputError
from skyserver.files import write_files
from skyserver.model import SkyModel
from skyserver.page_headers import FOREVER, SAFETY
from skyserver.request import THUMBNAIL_SIZES
from skyserver.thumbnails import draw_thumbnails

START: Final = "index.html"
MODELS: Final = "models.json"
THUMBNAIL_SIZE: Final = max(THUMBNAIL_SIZES)
THUMBNAIL_FORMAT: Final = "webp"  # eleven of them in PNG would weigh more than the page
NOT_BUILT: Final = "the web page is not built; in a checkout with Node 20, `make web` builds it"

_BUILT: Final = Path(__file__).with_name("web") / "dist"  # vite.config.ts puts it there
_ASSETS: Final = "assets"  # the folder whose names have a hash of the content
_CODINGS: Final = {"br": ".br", "gzip": ".gz"}  # RFC 9110, 8.4.1, and what the build appends
_BYTES: Final = "application/octet-stream"
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class StaticFile:
    """A file, and the same `compressed` by content coding, `br` or `gzip`.

    `immutable`: its path has a hash of its content.
    """

    media_type: str
    file: Traversable
    compressed: Mapping[str, Path]
    immutable: bool

    def read(self) -> bytes:
        """Return the content, not compressed."""
        return self.file.read_bytes()


@dataclass(frozen=True)
class Document:
    """Bytes that are made, not read."""

    media_type: str
    data: bytes

    def read(self) -> bytes:
        """Return the content."""
        return self.data


@dataclass(frozen=True)
class ThumbnailOf:
    """The picture of a cloud type, given by its code; drawn when it is asked for."""

    model: SkyModel
    cloud: str

    media_type: ClassVar[str] = MEDIA_TYPES[THUMBNAIL_FORMAT]


Content: TypeAlias = StaticFile | Document | ThumbnailOf
Site: TypeAlias = Mapping[str, Content]  # by path, relative to the site's root


def page_is_built() -> bool:
    """Whether this installation has the page; without it the site is models and thumbnails."""
    return (_BUILT / START).is_file()


def site(models: Sequence[SkyModel], live: bool) -> Site:
    """Return the site with these models; without the page itself where that is not built.

    `live`: gRPC-Web stands beside it, so the page can ask a server to draw.
    """
    contents: dict[str, Content] = dict(_page(_BUILT))
    described = {"version": __version__, "server": live, "models": [*map(_describe, models)]}
    contents[MODELS] = Document(_MEDIA_TYPES[".json"], json.dumps(described).encode())
    for model in models:
        contents[f"models/{model.info.digest}.onnx"] = StaticFile(
            _BYTES, model.file, {}, immutable=True
        )
        for cloud in model.info.classes:
            contents[_thumbnail_path(model, cloud.code)] = ThumbnailOf(model, cloud.code)
    return contents


def write_copy(folder: Path, models: Sequence[SkyModel]) -> int:
    """Write the site into a folder, for any host of static files; return how many files.

    The folder is made where it is missing. Files of the same names are replaced, others stay.

    Raises:
        OutputError: the page is not built, or a file cannot be written.

    """
    if not page_is_built():
        raise OutputError(NOT_BUILT)
    contents = site(models, live=False)
    written = {folder / "_headers": _headers()}
    written |= {
        folder / path: content.read()
        for path, content in contents.items()
        if not isinstance(content, ThumbnailOf)  # all of a model at once, below
    }
    for model in models:
        for drawn in draw_thumbnails(model, THUMBNAIL_SIZE, lambda: None, THUMBNAIL_FORMAT):
            written[folder / _thumbnail_path(model, drawn.cloud)] = drawn.image
    write_files(written)
    return len(written)


def _page(folder: Path) -> Iterator[tuple[str, StaticFile]]:
    """The files of the built page. What the build compressed belongs to the file it came from."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.suffix in _CODINGS.values():
            continue
        beside = {name: file.with_name(file.name + end) for name, end in _CODINGS.items()}
        compressed = {name: small for name, small in beside.items() if small.is_file()}
        path = file.relative_to(folder).as_posix()
        media_type = _MEDIA_TYPES.get(file.suffix, _BYTES)
        yield path, StaticFile(media_type, file, compressed, path.startswith(f"{_ASSETS}/"))


def _headers() -> bytes:
    """The headers of all paths, in the format of Netlify and Cloudflare Pages."""
    rules = {"/*": SAFETY, f"/{_ASSETS}/*": FOREVER, "/models/*": FOREVER}
    lines = (
        "\n".join([path, *(f"  {name}: {value}" for name, value in headers.items())])
        for path, headers in rules.items()
    )
    return ("\n".join(lines) + "\n").encode()


def _describe(model: SkyModel) -> dict[str, Any]:
    """What the page needs to know of a model; `layers` and `z_dim` shape its latents."""
    info = model.info
    with model.file.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
    classes = [
        {**asdict(cloud), "thumbnail": _thumbnail_path(model, cloud.code)} for cloud in info.classes
    ]
    return {
        "digest": info.digest,
        "bytes": size,
        "name": info.name,
        "width": info.width,
        "height": info.height,
        "layers": info.layers,
        "z_dim": info.z_dim,
        "wraps": info.wraps,
        "licence": info.licence,
        "classes": classes,
    }


def _thumbnail_path(model: SkyModel, code: str) -> str:
    return f"thumbnails/{model.info.digest}/{code}.{THUMBNAIL_FORMAT}"
