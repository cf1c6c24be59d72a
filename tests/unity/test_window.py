"""The window, used as a person would, against a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import mono
import numpy as np
import pytest
import reference_renderer
from live import PATIENCE, live_ports, wait_until
from PIL import Image
from reference_renderer import Material, Texture
from window_editor import WindowEditor, compile_window_editor

from skyserver import pipeline
from skyserver.clouds import CLOUD_TYPES
from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

CREATE = "Assets/Create/SkyServer/Skybox from Cloud Type"
CONVERT = "Assets/Convert to Skybox"
ALIGN = "GameObject/Light/Align Sun With Skybox"
LIBRARY = "Library/SkyServer"
PREVIEW = (320, 180)  # pixels
ENOUGH = 35  # dB between two renderings of the same view


class GatedDrawing:
    """`pipeline.generate` that waits until `gate` is open. `running` are the drawings under way."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.running = 0
        self._generate = pipeline.generate

    def __call__(self, model, request, progress, cancelled) -> pipeline.Result:
        self.running += 1
        try:
            progress("model", 0.0)
            for _ in range(100 * PATIENCE):
                cancelled()
                if self.gate.wait(0.01):
                    break
            return self._generate(model, request, progress, cancelled)
        finally:
            self.running -= 1


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[GatedDrawing]:
    """Every sky waits for the gate, which is opened at the end."""
    drawing = GatedDrawing()
    monkeypatch.setattr(pipeline, "generate", drawing)
    yield drawing
    drawing.gate.set()


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model, threads=1)


@pytest.fixture(scope="module")
def address(model: SkyModel) -> Iterator[str]:
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        yield f"http://127.0.0.1:{ports.http}"


@pytest.fixture(scope="module")
def exe(package_assembly: mono.PackageAssemblies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_window_editor(tmp_path_factory.mktemp("window"), package_assembly)


@pytest.fixture
def editor(exe: Path, tmp_path: Path) -> Iterator[WindowEditor]:
    """An editor with an empty project and small default sizes."""
    with WindowEditor(exe, tmp_path) as editor:
        editor.do("setting", "width", 512)
        editor.do("setting", "face", 128)
        yield editor


@pytest.fixture
def window(editor: WindowEditor, address: str) -> WindowEditor:
    """The window, connected to the server."""
    editor.open(address)
    return editor


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def size_of(picture: Path) -> tuple[int, int]:
    with Image.open(picture) as opened:
        return opened.size


# ------------------------------------------------------------------------------------ the server


def test_without_a_server_the_window_says_what_to_do(editor: WindowEditor) -> None:
    editor.open(f"http://127.0.0.1:{free_port()}", "Disconnected")
    assert "start it" in editor.element("status")["text"]
    assert not editor.element("generate")["enabled"]
    assert editor.element("start-server")["shown"]
    assert not editor.element("stop-server")["shown"]


def test_a_server_that_comes_goes_and_comes_back_is_found(
    editor: WindowEditor, model: SkyModel, gated: GatedDrawing
) -> None:
    config = ServerConfig(port=0, http_port=free_port(), grace=0.1)
    editor.open(f"http://127.0.0.1:{config.http_port}", "Disconnected")
    with live_ports([model], config):
        editor.until("Ready")
        assert "tiny" in editor.element("status")["text"]
        editor.do("click", "generate")
        wait_until(lambda: gated.running)
    editor.until("Disconnected")
    assert editor.report["failed"]
    assert editor.report["message"]
    assert not editor.element("generate")["enabled"]
    assert editor.assets() == set()
    gated.gate.set()
    with live_ports([model], config):
        editor.until("Failed")  # connected, with the message still there to be read
        assert editor.element("generate")["enabled"]
        editor.generate()
        assert editor.report["message"].startswith("Made Assets/")


def test_a_busy_server_is_asked_again(editor: WindowEditor, model, gated: GatedDrawing) -> None:
    import grpc

    from skyserver.v1 import skyserver_pb2 as pb
    from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

    with live_ports([model], ServerConfig(port=0, http_port=0, queue=0)) as ports:
        editor.open(f"http://127.0.0.1:{ports.http}")
        with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
            other = SkyServerStub(channel).Generate(pb.GenerateRequest(cloud="Cu"))
            wait_until(lambda: gated.running)
            editor.do("click", "generate")
            editor.do("until-stage", "The server is busy")
            assert editor.element("progress")["text"].startswith("The server is busy: asking again")
            gated.gate.set()
            list(other)
        editor.until("Ready")
    assert len(editor.report["history"]) == 1


# ------------------------------------------------------------------------------------ the recipe


def test_the_types_have_pictures_names_and_descriptions(window: WindowEditor) -> None:
    window.do("thumbnails")
    window.do("wait", 0.1)
    for cloud in CLOUD_TYPES:
        cell = window.element(f"cloud-{cloud.code}")
        assert cell["pictured"]
        assert cloud.description in cell["tooltip"]
        window.do("click", f"cloud-{cloud.code}")
        assert window.recipe()["Cloud"] == cloud.code
        assert window.element(f"cloud-{cloud.code}")["chosen"]
        texts = [element["text"] for element in window.report["elements"]]
        assert cloud.name in texts
        assert cloud.description in texts
    assert sum(element["chosen"] for element in window.report["elements"]) == 1


def test_pictures_are_asked_for_once(window: WindowEditor, model: SkyModel) -> None:
    window.do("thumbnails")
    kept = list((window.project / LIBRARY / "thumbnails" / model.info.digest).iterdir())
    assert {path.stem for path in kept} == {cloud.code for cloud in CLOUD_TYPES}
    assert all(size_of(path) == (128, 128) for path in kept)
    times = [path.stat().st_mtime_ns for path in kept]
    window.do("click", "connect")
    window.until("Ready")
    window.do("thumbnails")
    assert [path.stat().st_mtime_ns for path in kept] == times


@pytest.mark.parametrize(
    ("control", "value", "field", "expected"),
    [
        ("mix-with", "cirrus", "MixWith", "Ci"),
        ("mix-share", "0.25", "MixShare", 0.25),
        ("seed", "18446744073709551615", "Seed", "18446744073709551615"),
        ("psi", "0.5", "Psi", 0.5),
        ("layout", "6 Sided", "Layout", 1),
        ("layout", "Cubemap", "Layout", 2),
        ("size", "1024 x 512", "Size", 1024),
        ("below", "Mirror", "Below", "mirror"),
        ("below", "Colour", "Below", "#59636b"),
        ("below-colour", "#102030", "Below", "#102030"),
        ("tint", "#ff0000", "Tint", {"r": 1, "g": 0, "b": 0, "a": 1}),
        ("exposure", "2.5", "Exposure", 2.5),
        ("rotation", "90", "Rotation", 90),
    ],
)
def test_every_control_changes_the_recipe(
    window: WindowEditor, control: str, value: str, field: str, expected: object
) -> None:
    before = dict(window.recipe())
    window.do("enter", control, value)
    assert window.recipe()[field] == expected
    changed = {name for name in before if before[name] != window.recipe()[name]}
    assert changed == ({field, "Size"} if control == "layout" else {field})


@pytest.mark.parametrize(
    ("control", "field", "value"),
    [
        ("apply", "ApplyToScene", False),
        ("align", "AlignSun", True),
        ("lock-seed", "LockSeed", True),
    ],
)
def test_every_switch_switches(window: WindowEditor, control: str, field: str, value: bool) -> None:
    assert window.report["draft"][field] is not value
    window.do("enter", control, str(value).lower())
    assert window.report["draft"][field] is value


def test_every_control_says_what_it_does(window: WindowEditor) -> None:
    controls = ("Button", "Slider", "Toggle", "TextField", "DropdownField", "ColorField")
    named = [element for element in window.report["elements"] if element["kind"] in controls]
    assert len(named) > 30
    assert all(len(element["tooltip"]) > 8 for element in named)


def test_only_what_matters_is_shown(window: WindowEditor) -> None:
    assert not window.element("mix-share")["shown"]
    assert not window.element("below-colour")["shown"]
    window.do("enter", "mix-with", "stratus")
    window.do("enter", "below", "Colour")
    assert window.element("mix-share")["shown"]
    assert window.element("below-colour")["shown"]


def test_a_type_is_not_mixed_with_itself(window: WindowEditor) -> None:
    window.do("click", "cloud-Cu")
    assert "cumulus" not in window.element("mix-with")["choices"]
    window.do("enter", "mix-with", "cirrus")
    window.do("click", "cloud-Ci")
    assert window.recipe()["MixWith"] == ""


@pytest.mark.parametrize("text", ["", "cloud", "-1", "1.5", "18446744073709551616"])
def test_what_is_no_seed_is_told_and_changes_nothing(window: WindowEditor, text: str) -> None:
    window.do("enter", "seed", "42")
    window.do("enter", "seed", text)
    assert window.recipe()["Seed"] == "42"
    assert window.element("seed")["text"] == "42"
    assert "whole number" in window.element("message")["text"]


@pytest.mark.parametrize("text", ["", "Packages/Skies", "Assets/../outside", "/tmp"])
def test_what_is_no_folder_is_told_and_changes_nothing(window: WindowEditor, text: str) -> None:
    window.do("enter", "folder", "Assets/Mine")
    window.do("enter", "folder", text)
    assert window.element("folder")["text"] == "Assets/Mine"
    assert "Assets" in window.element("message")["text"]


def test_a_folder_is_chosen_in_the_project_only(window: WindowEditor) -> None:
    window.do("choose", window.project / "Assets" / "Chosen")
    window.do("click", "browse")
    assert window.element("folder")["text"] == "Assets/Chosen"
    window.do("choose", "/somewhere/else")
    window.do("click", "browse")
    assert window.element("folder")["text"] == "Assets/Chosen"
    assert window.element("message")["shown"]


def test_the_draft_outlives_the_window(window: WindowEditor, exe: Path, address: str) -> None:
    window.do("click", "cloud-Ns")
    window.do("enter", "seed", "7")
    window.do("enter", "exposure", "3")
    window.do("reload")
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert after.recipe()["Cloud"] == "Ns"
        assert after.recipe()["Seed"] == "7"
        assert after.recipe()["Exposure"] == 3
        assert not after.element("message")["shown"]


# -------------------------------------------------------------------------------------- the skies


@pytest.mark.parametrize(("layout", "textures"), [("Panoramic", 1), ("6 Sided", 6), ("Cubemap", 1)])
def test_generate(window: WindowEditor, layout: str, textures: int) -> None:
    window.do("enter", "layout", layout)
    window.do("enter", "folder", "Assets/Mine")
    report = window.generate()
    (sky,) = (path for path in window.assets() if path.endswith(".asset"))
    assert report["message"] == f"Made {sky}."
    assert sky.startswith("Assets/Mine/")
    assert sum(path.endswith(".png") for path in window.assets()) == textures
    assert report["skybox"] == next(path for path in window.assets() if path.endswith(".mat"))
    (entry,) = report["history"]
    assert entry["Recipe"]["Seed"] == window.recipe()["Seed"]
    assert len(entry["Recipe"]["ModelDigest"]) == 64
    assert entry["Recipe"]["ModelName"] == "tiny"
    assert size_of(window.project / LIBRARY / "history" / f"{entry['Id']}.jpg") == (1024, 512)
    window.do("undo")
    assert window.report["skybox"] == ""


def test_a_locked_seed_stays_and_another_does_not(window: WindowEditor) -> None:
    seeds = []
    for _ in range(2):
        window.generate()
        seeds.append(window.recipe()["Seed"])
    window.do("enter", "seed", "5")
    for _ in range(2):
        window.generate()
        seeds.append(window.recipe()["Seed"])
    assert seeds[0] != seeds[1]
    assert seeds[2:] == ["5", "5"]
    assert [entry["Recipe"]["Seed"] for entry in window.report["history"]] == seeds[::-1]
    window.do("click", "roll")
    assert window.recipe()["Seed"] not in seeds


def test_a_sky_need_not_go_into_the_scene(window: WindowEditor) -> None:
    window.do("enter", "apply", "false")
    assert window.generate()["skybox"] == ""


def test_in_play_mode_the_sky_stays_and_the_scene_does_not(window: WindowEditor) -> None:
    window.do("play", "true")
    report = window.generate()
    assert report["skybox"].endswith(".mat")
    assert "when play mode ends" in report["message"]
    assert len(report["history"]) == 1


def test_a_sky_whose_sun_cannot_be_followed_is_made(window: WindowEditor) -> None:
    window.do("enter", "align", "true")
    report = window.generate()
    assert not report["failed"]
    assert len(report["message"]) > len("Made ") + 40  # and why the sun stays
    assert len(report["history"]) == 1


def test_four_variations_and_one_of_them_in_full(window: WindowEditor) -> None:
    window.do("enter", "seed", "18446744073709551614")
    window.do("click", "vary")
    report = window.until("Ready")
    pictures = [window.element(f"variation-{index}") for index in range(4)]
    assert all(picture["pictured"] and picture["enabled"] for picture in pictures)
    seeds = [picture["tooltip"].split(":")[0] for picture in pictures]
    assert seeds == [f"Seed {seed}" for seed in (2**64 - 2, 2**64 - 1, 0, 1)]
    assert window.assets() == set()
    assert report["history"] == []
    window.do("click", "variation-2")
    report = window.until("Ready")
    assert window.recipe()["Seed"] == "0"
    assert report["history"][0]["Recipe"]["Seed"] == "0"


def test_cancel_leaves_nothing(window: WindowEditor, gated: GatedDrawing) -> None:
    window.do("thumbnails")
    before = window.report["objects"]
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("until-stage", "Drawing the clouds")
    assert window.report["state"] == "Generating"
    assert window.element("progress")["shown"]
    assert not window.element("generate")["enabled"]
    window.do("click", "cancel")
    assert window.report["state"] == "Ready"
    assert window.element("message")["text"] == "Cancelled: nothing was kept."
    wait_until(lambda: not gated.running)
    gated.gate.set()
    window.do("wait", 0.5)
    assert window.assets() == set()
    assert window.report["history"] == []
    assert window.report["objects"] == before
    window.generate()
    assert len(window.report["history"]) == 1


def test_closing_the_window_cancels_and_leaves_no_texture(
    window: WindowEditor, gated: GatedDrawing
) -> None:
    gated.gate.set()
    window.generate()
    made = 1  # the panorama, an asset
    gated.gate.clear()
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("close")
    wait_until(lambda: not gated.running)
    assert window.report["objects"] == made
    assert window.report["logged"] == []


def test_a_reload_in_the_middle_is_told_after_it(
    window: WindowEditor, gated: GatedDrawing, exe: Path, address: str
) -> None:
    window.do("click", "generate")
    wait_until(lambda: gated.running)
    window.do("reload")
    wait_until(lambda: not gated.running)
    assert window.assets() == set()
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert "generate it again" in after.element("message")["text"]
        after.do("close")
        after.open(address)
        assert not after.element("message")["shown"]


def test_a_disk_that_refuses_is_told(window: WindowEditor) -> None:
    (window.project / "Assets" / "Full").write_text("a file, not a folder")
    window.do("enter", "folder", "Assets/Full")
    window.do("click", "generate")
    report = window.until("Failed")
    assert "Assets/Full" in report["message"]
    assert report["history"] == []
    assert report["logged"] == []


# ------------------------------------------------------------------------------------ the history


def test_reuse(window: WindowEditor) -> None:
    window.do("click", "cloud-St")
    window.do("enter", "psi", "0.25")
    window.do("enter", "seed", "11")
    window.generate()
    window.do("click", "cloud-Cu")
    window.do("enter", "psi", "1")
    window.do("enter", "seed", "12")
    window.do("click", "history/reuse")
    recipe = window.recipe()
    assert (recipe["Cloud"], recipe["Psi"], recipe["Seed"]) == ("St", 0.25, "11")
    assert window.report["draft"]["LockSeed"]


def test_reveal_and_delete(window: WindowEditor) -> None:
    window.generate()
    window.do("click", "history/reveal")
    assert window.report["selected"].endswith(".asset")
    window.do("agree", "false")
    window.do("click", "history/delete")
    assert "cannot be undone" in window.report["asked"]
    assert len(window.report["history"]) == 1
    window.do("agree", "true")
    window.do("click", "history/delete")
    assert window.report["history"] == []
    assert not any(Path(path).suffix for path in window.assets())
    assert [path.name for path in (window.project / LIBRARY / "history").iterdir()] == [
        "history.json"
    ]


def test_a_sky_that_was_deleted_says_so(window: WindowEditor) -> None:
    window.generate()
    (sky,) = (path for path in window.assets() if path.endswith(".asset"))
    window.do("delete", Path(sky).parent)
    texts = [element["text"] for element in window.report["elements"]]
    assert f"{Path(sky).stem} (deleted)" in texts
    assert not window.element("reveal")["enabled"]
    assert window.element("delete")["text"] == "Forget"
    window.do("click", "history/reuse")
    window.do("click", "history/delete")
    assert window.report["history"] == []
    assert window.report["asked"] == ""


def test_the_history_outlives_the_editor(window: WindowEditor, exe: Path, address: str) -> None:
    window.generate()
    history = window.report["history"]
    window.do("reload")
    with WindowEditor(exe, window.project) as after:
        after.open(address)
        assert after.report["history"] == history
        assert after.report["fieldOfView"] > 0  # the last sky is shown


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"Entries": 5}', '{"Entries": [{"Id": "../x"}]}']
)
def test_broken_files_never_break_the_window(
    editor: WindowEditor, address: str, broken: str
) -> None:
    for name in ("draft.json", "history/history.json"):
        path = editor.project / LIBRARY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(broken)
    editor.open(address)
    assert editor.report["history"] == []
    editor.generate()
    assert len(editor.report["history"]) == 1
    assert editor.report["logged"] == []


# ------------------------------------------------------------------------------------- the preview


@pytest.fixture(scope="module")
def panorama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smooth, and different in every direction."""
    height, width = 512, 1024
    v, u = np.meshgrid(np.linspace(0, 1, height), np.arange(width) / width, indexing="ij")
    waves = [
        np.sin(2 * np.pi * (turns * u + phase)) * np.sin(np.pi * v)
        for turns, phase in ((1, 0), (2, 0.3), (3, 0.7))
    ]
    pixels = np.stack([0.5 + 0.3 * wave + 0.2 * (v - 0.5) for wave in waves], axis=-1)
    path = tmp_path_factory.mktemp("panorama") / "panorama.png"
    Image.fromarray((pixels * 255).round().astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("rotation", [0, 40])
@pytest.mark.parametrize(("right", "up"), [(0, 0), (7, 3), (-20, -6), (60, 18)])
def test_the_preview_shows_what_the_scene_shows(
    window: WindowEditor, panorama: Path, right: int, up: int, rotation: int
) -> None:
    window.do("enter", "rotation", rotation)
    window.do("show", panorama)
    for key, presses in (("Right", right), ("Left", -right), ("Up", up), ("Down", -up)):
        for _ in range(presses):
            window.do("key", "shown", f"{key}Arrow")
    report = window.do("drawn")
    assert report["yaw"] == pytest.approx(5 * right % 360)
    assert report["pitch"] == pytest.approx(max(-90, min(90, 5 * up)))
    window.do("picture", window.project / "preview.ppm")
    picture = np.asarray(Image.open(window.project / "preview.ppm"), np.float64) / 255
    assert picture.shape == (PREVIEW[1], PREVIEW[0], 3)
    material = Material(
        "Skybox/Panoramic",
        {"_Rotation": rotation, "_Exposure": 1, "_Mapping": 1, "_ImageType": 0, "_Layout": 0},
        np.full(3, 0.5),
        {"_MainTex": Texture(panorama, "Texture2D", "None", True, "Repeat", "Clamp")},
    )
    edge = (PREVIEW[0] - PREVIEW[1]) // 2
    camera = reference_renderer.camera(
        report["yaw"], report["pitch"], report["fieldOfView"], PREVIEW[1]
    )
    seen = reference_renderer.shade(material, camera)
    assert reference_renderer.psnr(picture[:, edge:-edge], seen) >= ENOUGH
    assert reference_renderer.psnr(picture[:, edge:-edge][:, ::-1], seen) < ENOUGH


def test_the_sky_follows_the_hand(window: WindowEditor, panorama: Path) -> None:
    window.do("show", panorama)
    degrees = window.do("drawn")["fieldOfView"] / PREVIEW[1]
    report = window.do("drag", 40, 20)
    assert report["yaw"] == pytest.approx(360 - 40 * degrees)
    assert report["pitch"] == pytest.approx(20 * degrees)
    narrow = window.do("wheel", -3)["fieldOfView"]
    assert narrow < window.do("wheel", 3)["fieldOfView"]
    report = window.do("key", "shown", "Home")
    assert (report["yaw"], report["pitch"]) == (0, 0)


def test_arrows_walk_along_the_types(window: WindowEditor) -> None:
    first, second, *_ = (cloud.code for cloud in CLOUD_TYPES)
    window.do("key", f"cloud-{first}", "RightArrow")
    assert window.element(f"cloud-{second}")["focused"]
    window.do("key", f"cloud-{second}", "LeftArrow")
    assert window.element(f"cloud-{first}")["focused"]


# --------------------------------------------------------------------------------------- the menus


def test_create_makes_a_sky_where_the_selection_is(
    editor: WindowEditor, address: str, panorama: Path
) -> None:
    editor.do("setting", "address", address)
    editor.do("import", panorama, "Assets/Levels")
    editor.do("select", "Assets/Levels/panorama.png")
    assert editor.do("menu", CREATE)["open"]
    editor.until("Generating")
    editor.until("Ready")
    assert editor.report["message"].startswith("Made Assets/Levels/")


def test_convert_takes_textures_alone(editor: WindowEditor, address: str, panorama: Path) -> None:
    editor.do("setting", "address", address)
    assert not editor.do("enabled", CONVERT)["done"]
    editor.do("import", panorama, "Assets")
    editor.do("select", "Assets/panorama.png")
    assert editor.do("enabled", CONVERT)["done"]
    editor.do("menu", CONVERT)
    editor.until("Generating")
    report = editor.until("Ready")
    assert report["message"] == "Made Assets/Skies/Sky panorama/Sky panorama.asset."
    assert report["history"][0]["Recipe"]["SourceGuid"]
    assert not editor.element("reuse")["enabled"]
    editor.do("select", "Assets/Skies/Sky panorama/Sky panorama.asset")
    assert not editor.do("enabled", CONVERT)["done"]


def test_the_sun_is_aligned_only_where_there_is_one(window: WindowEditor) -> None:
    assert not window.do("enabled", ALIGN)["done"]
    window.generate()
    window.do("sun", 0.1)
    assert not window.do("enabled", ALIGN)["done"]
    window.do("sun", 0.9)
    assert window.do("menu", ALIGN)["done"]
    assert "no directional light" in window.report["asked"]
    window.do("light")
    window.do("enter", "rotation", 0)
    assert window.do("menu", ALIGN)["done"]
    assert window.report["sunForward"] == pytest.approx(1)  # the sky's sun is at -Z


def test_no_frame_is_long(window: WindowEditor, panorama: Path) -> None:
    window.do("show", panorama)
    window.do("drawn")
    slowest = []
    for _ in range(5):
        window.do("drag", 10, 5)
        slowest.append(window.do("drawn")["slowestFrame"])
    print("slowest frames while the preview turns, ms:", slowest)
    assert min(slowest) < 10  # others may have had the processor in the meantime
