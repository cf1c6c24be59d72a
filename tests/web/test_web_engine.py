"""The page's engine draws what Python draws, from the same model files."""

from __future__ import annotations

import io
import itertools
import math
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from engine_page import EnginePage, make_site, psnr
from numpy.typing import NDArray
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page
from static_host import hosting
from web_site import serving

from skyserver import Sky, SkyGenerator
from skyserver.latents import sky_latents
from skyserver.model import SkyModel, default_file

DEFAULT, FLOAT, TINY = "clouds-256", "clouds-256-float32", "tiny"
FLOAT_FILE = Path(__file__).parents[2] / "training" / "models" / "clouds-256.onnx"
ALIKE = 50  # dB
WISH: dict[str, Any] = {"cloud": "Cb", "seed": str(2**64 - 1), "psi": 0.7, "pictures": 3}
MIXTURE = {"mixWith": "Ci", "mixShare": 0.3, "below": "#204060"}
HALF_THE_CORES = min(math.ceil((os.cpu_count() or 1) / 2), 4)
QUICK = {"method": "mirror"}  # one picture
SOFTWARE_WEBGPU = (  # SwiftShader
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
)
STAGES = ["download", "compile", "model", "panorama", "encode"]
UNITY_SLOTS = ("Left", "Right", "Up", "Down", "Front", "Back")


@pytest.fixture(scope="module")
def model_files(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The default model, what it was quantized from, and a tiny one, by name."""
    folder = tmp_path_factory.mktemp("models")
    model = onnx.load(FLOAT_FILE)
    for entry in model.metadata_props:
        if entry.key == "skyserver.name":
            entry.value = FLOAT
    files = {DEFAULT: folder / "default.onnx", FLOAT: folder / "float.onnx", TINY: tiny_model}
    files[DEFAULT].write_bytes(default_file().read_bytes())
    onnx.save(model, files[FLOAT])
    return files


@pytest.fixture(scope="module")
def folder(engine_build: Path, model_files: dict[str, Path], tmp_path_factory: Any) -> Path:
    models = [SkyModel.load(file) for file in model_files.values()]
    return make_site(engine_build, tmp_path_factory.mktemp("engine") / "site", models)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with hosting(folder, isolated=True) as address:
        yield address


@pytest.fixture
def engine(page: Page, site: str) -> EnginePage:
    return EnginePage(page, site)


def python_sky(model: Path | None = None, **more: Any) -> Sky:
    """The sky of `WISH`, drawn by Python."""
    return SkyGenerator(model).generate("Cb", 2**64 - 1, psi=0.7, pictures=3, **more)


def opened(data: bytes) -> NDArray[np.float32]:
    image = Pillow.open(io.BytesIO(data))
    assert image.mode == "RGB"
    return np.asarray(image, np.float32) / 255


@pytest.mark.parametrize(("name", "threads"), [(DEFAULT, 1), (DEFAULT, 2), (FLOAT, 1)])
def test_latents_are_equal_and_pictures_alike(
    engine: EnginePage, model_files: dict[str, Path], name: str, threads: int
) -> None:
    engine.start(model=name)
    answer = engine.first_picture(WISH, threads)
    model = SkyModel.load(model_files[name])
    z = sky_latents(2**64 - 1, model.info.layers, model.info.z_dim, pictures=3)
    assert answer["latents"] == z.tobytes()
    expected = model.run(z[:1], model.class_weights("Cb"), 0.7)[0]
    picture = np.frombuffer(answer["picture"], np.float32).reshape(expected.shape)
    assert psnr(picture, expected) > ALIKE
    assert answer["threads"] == threads


@pytest.mark.parametrize(
    ("name", "query", "threads"),
    [(FLOAT, "backend=wasm&threads=2", 2), (DEFAULT, "", HALF_THE_CORES)],
)
def test_panoramas_are_alike(
    engine: EnginePage, model_files: dict[str, Path], name: str, query: str, threads: int
) -> None:
    engine.start(query, name)
    sky = engine.draw(**WISH, **MIXTURE)
    expected = python_sky(model_files[name], mix_with="Ci", mix_share=0.3, below="#204060")
    assert sky["pixels"].shape == expected.panorama.shape
    assert psnr(sky["pixels"] / 255, expected.panorama) > ALIKE
    assert (sky["drawnBy"], sky["threads"], sky["notes"]) == ("wasm", threads, [])
    assert list(sky["seconds"]) == STAGES
    check_progress(sky["progress"], model_files[name].stat().st_size)


def check_progress(progress: list[dict[str, Any]], size: int) -> None:
    """It goes through the stages once, and a download's bytes are those of the file."""
    stages = [step["stage"] for step in progress]
    assert [stage for stage, _ in itertools.groupby(stages)] == STAGES
    assert [step["done"] for step in progress if step["stage"] == "model"] == [0, 0.25, 0.5, 0.75]
    arrived = [step["bytes"]["received"] for step in progress if "bytes" in step]
    assert arrived == sorted(arrived)
    assert arrived[-1] == size


def test_files_are_those_of_python(engine: EnginePage, tiny_model: Path) -> None:
    engine.start(model=TINY)
    engine.draw(**WISH, **QUICK)
    sky = python_sky(tiny_model, method="mirror")
    panorama = engine.export(layout="panorama", size=1024, orientation="unreal")
    assert panorama["name"] == f"Cb-{2**64 - 1}-panorama-1024.png"
    expected = np.roll(sky.resized(1024).panorama, 512, axis=1)  # -Y of Unreal is behind +X
    assert psnr(opened(panorama["data"]), expected) > ALIKE
    for naming, names in (("unity", UNITY_SLOTS), ("plain", ("px", "nx", "py", "ny", "pz", "nz"))):
        faces = engine.export(layout="faces", size=128, orientation="unity", naming=naming)
        archive = zipfile.ZipFile(io.BytesIO(faces["data"]))
        assert archive.namelist() == [f"{name}.png" for name in names]
        for name, expected in zip(archive.namelist(), sky.faces(128), strict=True):
            assert psnr(opened(archive.read(name)), expected) > ALIKE


def test_a_file_is_not_made_from_eight_bits(engine: EnginePage, tiny_model: Path) -> None:
    """A sky enlarged in floats has values that one rounded first cannot have."""
    engine.start(model=TINY)
    rounded = engine.draw(**WISH, **QUICK)["pixels"].astype(np.float32) / 255
    file = opened(engine.export(layout="panorama", size=512, orientation="unity")["data"])
    sky = python_sky(tiny_model, method="mirror")
    from_floats = np.rint(sky.resized(512).panorama * 255) / 255
    from_bytes = np.rint(Sky(rounded, sky.request).resized(512).panorama * 255) / 255
    assert psnr(file, from_floats) > psnr(file, from_bytes) + 10


def test_the_latest_skies_are_kept_and_older_ones_drawn_again(engine: EnginePage) -> None:
    engine.start(model=TINY)
    options = {"layout": "panorama", "size": 512, "orientation": "unity"}
    engine.draw(**QUICK)
    kept = engine.export(**options)
    assert {step["stage"] for step in kept["progress"]} == {"panorama", "encode"}
    for seed in range(4):
        engine.draw(**QUICK, seed=str(seed))
    again = engine.export(which=0, **options)
    assert {step["stage"] for step in again["progress"]} == {"model", "panorama", "encode"}
    assert again["data"] == kept["data"]


def test_cancelling_stops_the_work_and_keeps_the_network(engine: EnginePage) -> None:
    engine.start(model=TINY)
    for stage in ("download", "model"):
        cancelled = engine.draw(**WISH, cancel_at=stage)
        assert (cancelled["kind"], cancelled["message"]) == ("cancelled", "Cancelled.")
    sky = engine.draw(**WISH, **QUICK)
    assert set(sky["seconds"]) == {"model", "panorama", "encode"}


def test_a_copy_on_a_host_without_isolation_draws_on_one_thread(
    folder: Path, page: Page, tiny_model: Path, allowed_errors: list[str]
) -> None:
    with hosting(folder, isolated=False) as address:
        allowed_errors.append(f"asks another host: {address}")
        engine = EnginePage(page, address)
        engine.start("threads=4", TINY)
        sky = engine.draw(**WISH, **QUICK)
        assert sky["threads"] == 1
        assert psnr(sky["pixels"] / 255, python_sky(tiny_model, method="mirror").panorama) > ALIKE


def test_the_server_draws_the_same_sky(
    engine: EnginePage, site: str, allowed_errors: list[str]
) -> None:
    with serving("--cors-origin", site.rstrip("/")) as server:
        allowed_errors.append(f"asks another host: {server}")
        engine.start("backend=server", DEFAULT, server)
        drawn = engine.draw(**WISH, **QUICK)
        assert (drawn["drawnBy"], drawn["threads"]) == ("server", 0)
        sky = python_sky(method="mirror")
        assert psnr(drawn["pixels"] / 255, sky.resized(1024).panorama) > ALIKE
        assert {step["stage"] for step in drawn["progress"]} == {"model", "panorama", "encode"}
        faces = engine.export(layout="faces", size=128, orientation="threejs", naming="plain")
        with zipfile.ZipFile(io.BytesIO(faces["data"])) as archive:
            top = opened(archive.read("py.png"))
        assert psnr(top, sky.faces(128, "threejs")[2]) > ALIKE


@contextmanager
def another(browser: Browser, switches: Sequence[str], site: str) -> Iterator[EnginePage]:
    """Run a browser of another kind inside the block."""
    chromium = shutil.which("chromium")
    switches = ["--no-sandbox", *switches]
    launched = browser.browser_type.launch(executable_path=chromium, args=switches)
    try:
        yield EnginePage(launched.new_page(), site)
    finally:
        launched.close()


def test_a_browser_without_wasm_asks_the_server_and_says_so(
    browser: Browser, site: str, tiny_model: Path
) -> None:
    with another(browser, ["--js-flags=--jitless"], site) as engine:
        engine.start(model=TINY)
        assert engine.draw(**WISH)["kind"] == "unsupported"
        with serving("--cors-origin", site.rstrip("/"), "--model", str(tiny_model)) as server:
            engine.start("", TINY, server)
            sky = engine.draw(**WISH)
        assert sky["drawnBy"] == "server"
        assert "so the server drew" in sky["notes"][0]


def test_webgpu_draws_but_not_on_a_processor_that_plays_one(
    browser: Browser, site: str, model_files: dict[str, Path]
) -> None:
    with another(browser, SOFTWARE_WEBGPU, site) as engine:
        engine.start(model=TINY)
        assert engine.draw(**WISH, **QUICK)["drawnBy"] == "wasm"
        engine.start("backend=webgpu", TINY)
        sky = engine.draw(**WISH, **QUICK)
        assert (sky["drawnBy"], sky["threads"]) == ("webgpu", 0)
        expected = python_sky(model_files[TINY], method="mirror").panorama
        assert psnr(sky["pixels"] / 255, expected) > ALIKE
