"""The package's client against a real server."""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from client_editor import ClientEditor
from fault_servers import CuttingProxy, serving
from live import HeldDrawing, live_ports, wait_until
from PIL import Image

from skyserver import __version__, pipeline
from skyserver.clouds import CLOUD_TYPES
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

FACES = ("px", "nx", "py", "ny", "pz", "nz")
TRIES = 4  # the quickest of which is judged: the machine may be busy with other things


@pytest.fixture(scope="module")
def editor(client_exe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientEditor]:
    with ClientEditor(client_exe, tmp_path_factory.mktemp("project")) as editor:
        yield editor


@contextmanager
def serving_http(model: SkyModel, **config: object) -> Iterator[str]:
    """Serve in this process and yield the HTTP address."""
    with live_ports([model], ServerConfig(port=0, http_port=0, **config)) as ports:
        yield f"http://127.0.0.1:{ports.http}"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldDrawing:
    drawing = HeldDrawing(data=b"sky" * 100)
    monkeypatch.setattr(pipeline, "generate", drawing)
    return drawing


@pytest.fixture
def statuses(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the server says its Generate calls ended with."""
    caplog.set_level(logging.INFO, "skyserver.server")

    def read() -> list[str]:
        facts = [getattr(record, "facts", {}) for record in caplog.records]
        return [line["status"] for line in facts if line.get("method") == "Generate"]

    return read


def test_every_call_of_the_protocol(editor: ClientEditor, model: SkyModel, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.effect_noise((64, 64), 50).convert("RGB").save(picture)
    with serving_http(model) as address:
        assert editor.call("describe", address).result == f"{__version__} tiny"
        sky = editor.begin("generate", address, "Cu", 128)
        faces = [file.split(":")[:3] for file in editor.end(sky).result.split()]
        assert faces == [[f"{face}.png", "image/png", "128x128"] for face in FACES]
        stages = dict.fromkeys(editor.ask("progress", sky).split())
        assert [*stages] == ["queue", *pipeline.STAGES]
        converted = editor.call("convert", address, picture).result
        assert converted.startswith("panorama.png:image/png:2048x1024:")
        thumbnails = editor.call("thumbnails", address).result.split()
        assert [entry.split(":")[0] for entry in thumbnails] == [c.code for c in CLOUD_TYPES]


def test_what_the_server_refuses_is_told_in_its_words(
    editor: ClientEditor, model: SkyModel
) -> None:
    with serving_http(model) as address:
        unknown = editor.call("generate", address, "Xx")
        assert (unknown.code, unknown.reason, unknown.field) == ("NotFound", "NOT_FOUND", "cloud")
        assert "known: " in unknown.message
        wrong = editor.call("generate", address, "Cu", 100)
        assert (wrong.code, wrong.field) == ("InvalidArgument", "outputs[0].size")


def test_a_full_queue_says_when_to_ask_again(
    editor: ClientEditor, model: SkyModel, held: HeldDrawing
) -> None:
    with serving_http(model, queue=0) as address:
        first = editor.begin("generate", address, "Cu")
        wait_until(lambda: held.begun)
        refused = editor.call("generate", address, "Ci")
        held.gate.set()
        assert editor.end(first).kind == "ok"
    assert (refused.code, refused.reason) == ("ResourceExhausted", "BUSY")
    assert int(refused.retry_ms) > 0


def test_cancel_stops_the_servers_work_within_200_ms(
    editor: ClientEditor,
    model: SkyModel,
    held: HeldDrawing,
    statuses: Callable[[], list[str]],
) -> None:
    times = []
    with serving_http(model, workers=TRIES) as address:
        for count in range(1, TRIES + 1):
            call = editor.begin("generate", address, "Cu")
            wait_until(lambda begun=count: len(held.begun) == begun)
            began = time.monotonic()
            ended, main_thread_held, outcome = editor.cancel(call)
            wait_until(lambda cancelled=count: len(statuses()) == cancelled)
            times.append((ended, 1000 * (time.monotonic() - began), main_thread_held))
            assert outcome.kind == "cancelled"
        held.gate.set()
    assert statuses() == TRIES * ["CANCELLED"]
    assert held.begun == TRIES * ["model"]
    ended, noticed, main_thread_held = map(min, zip(*times, strict=True))
    assert ended < 200
    assert noticed < 200
    assert main_thread_held < 10


def test_a_cut_at_every_tenth_byte(
    editor: ClientEditor, model: SkyModel, held: HeldDrawing
) -> None:
    held.gate.set()
    with serving_http(model) as server:
        proxy = CuttingProxy(server)
        with serving(proxy) as address:
            assert editor.call("generate", address, "Cu").kind == "ok"
            for limit in range(0, len(proxy.passed), 10):
                proxy.limit = limit
                outcome = editor.call("generate", address, "Cu")
                whole = b"grpc-status:0\r\ngrpc-message:\r\n" in proxy.passed
                assert outcome.kind == ("ok" if whole else "error"), limit
                assert outcome.reason == ("" if whole else "CONNECTION_CUT"), limit


@contextmanager
def server_process(model: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`skyserver serve` in a process of its own, and its HTTP port."""
    options = ["--port", "0", "--http-port", str(port), "--model", str(model)]
    process = subprocess.Popen(
        [sys.executable, "-m", "skyserver", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process, int(re.search(r"http://[\d.]+:(\d+)", process.stdout.readline())[1])
        finally:
            process.kill()


def test_a_killed_server_and_its_successor(editor: ClientEditor, tiny_model: Path) -> None:
    with server_process(tiny_model) as (process, port):
        address = f"http://127.0.0.1:{port}"
        call = editor.begin("generate", address, "Cu", 2048)
        assert editor.ask("progress", call)
        process.kill()
        assert editor.end(call).reason == "CONNECTION_CUT"
        process.wait()
        assert editor.call("describe", address).reason == "SERVER_UNREACHABLE"
    with server_process(tiny_model, port):
        assert editor.call("describe", address).kind == "ok"


def test_a_server_that_is_stopped_ends_its_calls_first(
    editor: ClientEditor, tiny_model: Path
) -> None:
    with server_process(tiny_model) as (process, port):
        call = editor.begin("generate", f"http://127.0.0.1:{port}", "Cu", 512)
        assert editor.ask("progress", call)
        process.send_signal(signal.SIGTERM)
        assert editor.end(call).kind == "ok"
        assert process.wait(30) == 0


def test_a_call_survives_play_mode_where_scripts_are_not_reloaded_for_it(
    editor: ClientEditor, model: SkyModel, held: HeldDrawing
) -> None:
    with serving_http(model) as address:
        call = editor.begin("generate", address, "Cu")
        wait_until(lambda: held.begun)
        editor.ask("play")
        held.gate.set()
        assert editor.end(call).kind == "ok"


@pytest.fixture
def interpreted_editor(client_exe: Path, tmp_path: Path) -> Iterator[ClientEditor]:
    """One that does not compile each method anew after every reload."""
    with ClientEditor(client_exe, tmp_path, MONO_ENV_OPTIONS="--interpreter") as editor:
        yield editor


def test_fifty_reloads_amid_calls_leave_nothing(
    interpreted_editor: ClientEditor,
    model: SkyModel,
    held: HeldDrawing,
    statuses: Callable[[], list[str]],
) -> None:
    """Real ones: the script domain is unloaded, with all that is in it, and made anew."""
    editor, unloading = interpreted_editor, []
    with serving_http(model, workers=4, queue=100) as address:
        for count in range(1, 51):
            calls = [editor.begin("generate", address, "Cu") for _ in range(3)]
            for call in calls:
                assert editor.ask("progress", call), editor.end(call)
            unloading.append(editor.reload())
            wait_until(lambda ended=3 * count: len(statuses()) == ended)
            if count == 10:  # by then there is what is made once
                (_, threads), sockets = editor.threads(), editor.sockets()
        held.gate.set()
    assert set(statuses()) == {"CANCELLED"}
    in_pool, others = editor.threads()
    assert others <= threads
    assert in_pool < 25  # one that each reload left would make 50
    assert editor.sockets() <= sockets
    assert list((editor.project / "tmp").iterdir()) == []
    assert sorted(unloading)[-5] < 500  # ms; the machine may have been busy with other things
