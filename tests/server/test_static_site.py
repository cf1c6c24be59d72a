"""The web page's site over HTTP: headers, caching, compression, and that it is all there is."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from live import HeldDrawing, live_ports, wait_until
from PIL import Image
from web_client import SERVICE, call

from skyserver import site, thumbnails
from skyserver.latents import sky_latents
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb

SCRIPT = "/assets/page-1a2b3c4d.js"
RUNTIME = "/assets/runtime-5e6f7a8b.wasm"
PAGE = {
    "index.html": b"<!doctype html><title>sky</title>",
    "service-worker.js": b"self.skipWaiting();",
    "sky.webmanifest": b"{}",
    SCRIPT[1:]: b"document.title = 'sky';" * 50,
    RUNTIME[1:]: bytes(range(256)) * 3000,  # more than is read at a time
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """`headers` are written with _ for -; none is sent unasked but host."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for key, value in headers.items():
            connection.putheader(key.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        received = {key.lower(): value for key, value in response.getheaders()}
        return Answer(response.status, received, response.read())
    finally:
        connection.close()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for the built page."""
    for name, data in PAGE.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    script = tmp_path / SCRIPT[1:]
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(script.read_bytes()))
    script.with_name(script.name + ".br").write_bytes(b"as brotli")
    monkeypatch.setattr(site, "_BUILT", tmp_path)
    return tmp_path


@pytest.fixture
def web(model: SkyModel, built: Path) -> Iterator[int]:
    assert built.is_dir()
    with live_ports([model], ServerConfig(port=0, http_port=0, queue=0)) as ports:
        yield ports.http


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/index.html", "text/html; charset=utf-8"),
        ("/service-worker.js", "text/javascript; charset=utf-8"),
        ("/sky.webmanifest", "application/manifest+json"),
        (SCRIPT, "text/javascript; charset=utf-8"),
        (RUNTIME, "application/wasm"),
    ],
)
def test_the_page_is_given_out_with_its_types(web: int, path: str, media_type: str) -> None:
    answer = ask(web, path)
    assert (answer.status, answer.body) == (200, PAGE[path[1:]])
    assert answer.headers["content-type"] == media_type
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "content-encoding" not in answer.headers


def test_the_root_is_the_page(web: int) -> None:
    assert ask(web, "/").body == PAGE["index.html"]
    assert ask(web, "/?cloud=Cu&seed=7").body == PAGE["index.html"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "GET", 200), (SCRIPT, "HEAD", 200), ("/gone", "GET", 404), ("/", "POST", 405)],
)
def test_all_answers_keep_the_page_safe_and_let_it_have_threads(
    web: int, path: str, method: str, status: int
) -> None:
    answer = ask(web, path, method)
    assert answer.status == status
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    directives = dict(
        directive.split(" ", 1)
        for directive in answer.headers["content-security-policy"].split("; ")
    )
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert {"base-uri", "form-action", "frame-ancestors"} <= directives.keys()
    sources = " ".join(directives.values()).split()
    assert {entry for entry in sources if not entry.startswith("'")} == {"blob:", "data:"}
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & set(sources)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1,gzip;q=1", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip;q=0", None),
        ("identity", None),
        ("brotli", None),
    ],
)
def test_what_is_compressed_is_given_to_those_who_accept_it(
    web: int, accepted: str, coding: str | None
) -> None:
    answer = ask(web, SCRIPT, accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.body)
    plain = {"br": lambda data: data, "gzip": gzip.decompress, None: lambda data: data}[coding]
    assert plain(answer.body) == (b"as brotli" if coding == "br" else PAGE[SCRIPT[1:]])


def test_what_has_no_compressed_form_is_given_as_it_is(web: int) -> None:
    answer = ask(web, "/index.html", accept_encoding="br, gzip")
    assert answer.body == PAGE["index.html"]
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


def test_names_with_a_hash_are_kept_and_all_else_is_asked_for_again(
    web: int, model: SkyModel
) -> None:
    for path in (SCRIPT, RUNTIME, f"/models/{model.info.digest}.onnx"):
        assert ask(web, path).headers["cache-control"] == "public, max-age=31536000, immutable"
    thumbnail = f"/thumbnails/{model.info.digest}/Cu.webp"
    for path in ("/", "/service-worker.js", "/sky.webmanifest", "/models.json", thumbnail):
        answer = ask(web, path)
        assert answer.headers["cache-control"] == "no-cache"
        tag = answer.headers["etag"]
        for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            unchanged = ask(web, path, if_none_match=held)
            assert (unchanged.status, unchanged.body) == (304, b"")
            assert unchanged.headers["etag"] == tag
        assert ask(web, path, if_none_match='"other"').body == answer.body


def test_a_page_that_changed_is_sent_anew(web: int, built: Path) -> None:
    tag = ask(web, "/").headers["etag"]
    (built / "index.html").write_bytes(b"<!doctype html><title>new</title>")
    answer = ask(web, "/", if_none_match=tag)
    assert (answer.status, answer.body) == (200, b"<!doctype html><title>new</title>")
    assert answer.headers["etag"] != tag


@pytest.mark.parametrize("path", ["/", SCRIPT, RUNTIME, "/models.json"])
def test_head_is_get_without_its_body(web: int, path: str) -> None:
    get, head = ask(web, path), ask(web, path, "HEAD")
    del get.headers["date"], head.headers["date"]
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_can_be_changed(web: int, method: str) -> None:
    answer = ask(web, "/", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        *("/../site.py", "/assets/../../secret", "/..%2fsecret", "/%2e%2e/secret", "//secret"),
        *("/assets", "/assets/", "/.", "/..", "/secret", "/assets\\page.js", "/index.html/"),
        *("/etc/passwd", "//etc/passwd", "/%00", "/index.html%00.js", SCRIPT + ".br"),
        *("/models/default.onnx", "/models/../models.json", "/thumbnails/", "/ASSETS/page.js"),
    ],
)
def test_only_the_sites_own_paths_are_given_out(web: int, built: Path, path: str) -> None:
    (built.parent / "secret").write_text("secret")
    answer = ask(web, path)
    assert (answer.status, answer.body) == (404, b"nothing here")


def test_models_are_listed_and_are_what_their_name_says(web: int, model: SkyModel) -> None:
    listed = json.loads(ask(web, "/models.json").body)
    assert listed["server"] is True
    (described,) = listed["models"]
    file = ask(web, f"/models/{described['digest']}.onnx").body
    assert hashlib.sha256(file).hexdigest() == described["digest"]
    assert len(file) == described["bytes"]
    assert [cloud["code"] for cloud in described["classes"]] == [
        cloud.code for cloud in model.info.classes
    ]


def test_thumbnails_show_each_cloud_type_as_the_model_draws_it(web: int, model: SkyModel) -> None:
    (described,) = json.loads(ask(web, "/models.json").body)["models"]
    z = sky_latents(thumbnails.SEED, model.info.layers, model.info.z_dim, 1)[:1]
    for cloud in described["classes"]:
        answer = ask(web, "/" + cloud["thumbnail"])
        assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
        with Image.open(io.BytesIO(answer.body)) as image:
            assert (image.format, image.size) == ("WEBP", (256, 256))
            shown = np.asarray(image.resize((64, 64), Image.Resampling.BOX)) / 255
        drawn = model.run(z, model.class_weights(cloud["code"]), thumbnails.PSI)[0]
        assert np.sqrt(np.mean((shown - drawn) ** 2)) < 0.03


def test_a_busy_server_says_when_to_ask_for_thumbnails_again(
    web: int, model: SkyModel, held: HeldDrawing
) -> None:
    request = pb.GenerateRequest(cloud="Cu").SerializeToString()
    with ThreadPoolExecutor(1) as pool:
        sky = pool.submit(call, web, SERVICE + "Generate", request)
        wait_until(lambda: held.begun)
        answer = ask(web, f"/thumbnails/{model.info.digest}/Cu.webp")
        held.gate.set()
        sky.result()
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert ask(web, f"/thumbnails/{model.info.digest}/Cu.webp").status == 200


def test_without_the_page_the_server_says_how_to_build_it(
    model: SkyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "_BUILT", tmp_path / "absent")
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        answer = ask(ports.http, "/")
        assert (answer.status, answer.body.decode()) == (404, site.NOT_BUILT)
        assert ask(ports.http, "/models.json").status == 200
        assert call(ports.http, SERVICE + "Describe", b"").status == (0, "")
