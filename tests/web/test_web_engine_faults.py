"""What goes wrong while a sky is drawn: a plain sentence each, and the next try works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import onnx
import pytest
import tiny
from engine_page import EnginePage, make_site
from live import HeldDrawing, live_ports, wait_until
from playwright.sync_api import CDPSession, Page
from static_host import hosting

from skyserver import pipeline
from skyserver.model import SkyModel
from skyserver.server.app import Ports
from skyserver.server.config import ServerConfig
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

MISSING = r"Failed to load resource: the server responded with a status of 404"
REFUSED: list[dict[str, Any]] = [
    {"cloud": "Zz"},
    {"mixWith": "Zz"},
    {"mixShare": 2},
    {"seed": str(2**64)},
    {"seed": "-1"},
    {"psi": -0.1},
    {"pictures": 9},
    {"pictures": 1.5},
    {"method": "x"},
    {"below": "#12345"},
]
HOSTILE: list[dict[str, Any] | str] = [
    "<!doctype html>",
    "[]",
    '{"version": "1", "server": true, "models": []}',
    {"digest": "../../elsewhere"},
    {"bytes": 2**40},
    {"width": "256"},
    {"classes": [{"code": "<img>", "name": "", "description": "", "thumbnail": ""}]},
]
RUNTIME_COMPLAINTS = "^wasm streaming|^failed to asynchronously|^falling back|^Aborted"
LOST = r"Failed to load resource: net::ERR_"


@pytest.fixture
def folder(engine_build: Path, tiny_model: Path, tmp_path: Path) -> Path:
    """A site of its own, for the test to damage."""
    return make_site(engine_build, tmp_path / "site", [SkyModel.load(tiny_model)])


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    with hosting(folder, isolated=False) as address:
        yield address


@pytest.fixture
def model_file(folder: Path) -> Path:
    (file,) = (folder / "models").iterdir()
    return file


@pytest.fixture
def engine(page: Page, site: str) -> EnginePage:
    engine = EnginePage(page, site)
    engine.start()
    return engine


def is_sky(answer: dict[str, Any]) -> bool:
    return "pixels" in answer


def cut(data: bytes) -> bytes:
    return data[:-100]


def lengthened(data: bytes) -> bytes:
    return data + bytes(100)


def altered(data: bytes) -> bytes:
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


@pytest.mark.parametrize("damage", [cut, lengthened, altered])
def test_a_damaged_model_is_not_used(
    engine: EnginePage, model_file: Path, damage: Callable[[bytes], bytes]
) -> None:
    whole = model_file.read_bytes()
    model_file.write_bytes(damage(whole))
    assert engine.draw()["kind"] == "model-damaged"
    model_file.write_bytes(whole)
    assert is_sky(engine.draw())


def test_a_model_damaged_in_the_cache_is_fetched_anew(engine: EnginePage, site: str) -> None:
    engine.draw()
    engine.page.evaluate("""async () => {
        const cache = await caches.open("skyserver-models");
        for (const entry of await cache.keys()) await cache.put(entry, new Response("damaged"));
    }""")
    again = EnginePage(engine.page, site)
    again.start()
    assert any("bytes" in step for step in again.draw()["progress"])


def test_a_kept_model_is_not_fetched_again(engine: EnginePage, site: str, model_file: Path) -> None:
    engine.draw()
    model_file.unlink()
    again = EnginePage(engine.page, site)
    again.start()
    assert is_sky(again.draw())


def test_models_that_the_site_no_longer_has_are_forgotten(engine: EnginePage) -> None:
    engine.page.evaluate("""async () => {
        const cache = await caches.open("skyserver-models");
        await cache.put("models/of-yesterday.onnx", new Response("old"));
    }""")
    engine.draw()
    kept = engine.page.evaluate("""async () => {
        const cache = await caches.open("skyserver-models");
        return (await cache.keys()).map((entry) => entry.url);
    }""")
    assert len(kept) == 1
    assert "of-yesterday" not in kept[0]


@pytest.mark.parametrize("what", ["model", "runtime"])
def test_a_file_that_is_gone(
    engine: EnginePage, folder: Path, model_file: Path, what: str, allowed_errors: list[str]
) -> None:
    allowed_errors += [MISSING, RUNTIME_COMPLAINTS]
    if what == "model":
        file = model_file
    else:
        assets = (folder / "assets").resolve()
        (folder / "assets").unlink()
        (folder / "assets").mkdir()
        for asset in assets.iterdir():
            (folder / "assets" / asset.name).symlink_to(asset)
        (file,) = (folder / "assets").glob("ort-wasm-simd-threaded-*.wasm")
    aside = folder / "aside"
    file.rename(aside)
    failed = engine.draw()
    assert failed["kind"] == "model-missing"
    assert failed["message"].endswith("Reload the page.")
    aside.rename(file)
    assert is_sky(engine.draw())


def test_a_site_that_does_not_answer(engine: EnginePage, allowed_errors: list[str]) -> None:
    allowed_errors.append(LOST)
    engine.page.context.set_offline(True)
    assert engine.draw()["kind"] == "offline"
    assert engine.draw()["message"].startswith("The site does not answer.")
    engine.page.context.set_offline(False)
    assert is_sky(engine.draw())


def test_full_storage_costs_nothing_but_another_download(engine: EnginePage, site: str) -> None:
    session: CDPSession = engine.page.context.new_cdp_session(engine.page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.rstrip("/"), "quotaSize": 1000})
    sky = engine.draw()
    assert is_sky(sky)
    assert "downloaded again" in sky["notes"][0]


def test_too_little_memory(engine: EnginePage) -> None:
    engine.draw()
    refused = engine.export(layout="panorama", size=2**17, orientation="unity")  # 100 GB of floats
    assert refused["kind"] == "out-of-memory"
    assert "choose a smaller size" in refused["message"]
    assert engine.export(layout="panorama", size=512, orientation="unity")["type"] == "image/png"


def test_requests_outside_what_is_allowed_are_refused(engine: EnginePage) -> None:
    for wish in REFUSED:
        refused = engine.draw(**wish)
        assert refused["kind"] == "defect"
        assert refused["message"].startswith("This sky cannot be drawn")


def test_a_list_of_models_that_is_none(engine: EnginePage, folder: Path) -> None:
    path = folder / "models.json"
    listed = path.read_text()
    for change in HOSTILE:
        if isinstance(change, str):
            path.write_text(change)
        else:
            catalogue = json.loads(listed)
            catalogue["models"][0] |= change
            path.write_text(json.dumps(catalogue))
        message = engine.start()["message"]
        assert message.startswith("The site's list of models cannot be read."), change


@contextmanager
def drawing(model: SkyModel, page: Page) -> Iterator[Ports]:
    """Run a server that draws one sky at a time for the page inside the block."""
    origin = page.evaluate("location.origin")
    config = ServerConfig(port=0, http_port=0, queue=0, cors_origins=(origin,), grace=1)
    with live_ports([model], config) as ports:
        yield ports


@pytest.fixture
def server(tiny_model: Path, engine: EnginePage, allowed_errors: list[str]) -> Iterator[str]:
    """The gRPC address of a server that the engine asks."""
    with drawing(SkyModel.load(tiny_model), engine.page) as ports:
        ask(engine, ports, allowed_errors)
        yield f"127.0.0.1:{ports.grpc}"


def ask(engine: EnginePage, ports: Ports, allowed_errors: list[str]) -> None:
    """Have the engine ask a server."""
    address = f"http://127.0.0.1:{ports.http}/"
    allowed_errors += [f"asks another host: {address}", LOST]
    engine.start("backend=server", server=address)


def test_a_server_that_is_busy(
    engine: EnginePage, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldDrawing()
    with monkeypatch.context() as patch, grpc.insecure_channel(server) as channel:
        patch.setattr(pipeline, "generate", held)
        call = SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Cu"))
        wait_until(lambda: held.begun)
        assert engine.draw()["kind"] == "server-busy"
        call.cancel()
    held.gate.set()
    assert is_sky(engine.draw())


@pytest.mark.usefixtures("server")
def test_a_server_stops_what_is_cancelled(
    engine: EnginePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldDrawing(seconds=1)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "generate", held)
        assert engine.draw(cancel_at="model")["kind"] == "cancelled"
    wait_until(lambda: is_sky(engine.draw()))  # the step under way has its place until it ends
    assert held.begun == ["model"]


def test_a_server_that_lacks_the_model_or_is_gone(
    engine: EnginePage, tmp_path: Path, allowed_errors: list[str]
) -> None:
    model = tiny.tiny_model()
    model.doc_string = "another file, so another digest"
    onnx.save(model, tmp_path / "other.onnx")
    with drawing(SkyModel.load(tmp_path / "other.onnx"), engine.page) as ports:
        ask(engine, ports, allowed_errors)
        assert engine.draw()["kind"] == "model-missing"
    assert engine.draw()["kind"] == "offline"
