"""`skyserver web-page`: a copy of the site for any host of static files."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import skyserver
from skyserver import site
from skyserver.cli import app
from skyserver.clouds import CLOUD_TYPES
from skyserver.errors import OutputError
from skyserver.model import SkyModel

BUILT = site._BUILT
PAGE = {"index.html": b"page", "index.html.br": b"small", "assets/page-1a2b.js": b"script"}


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model, threads=1)


@pytest.fixture(autouse=True)
def _built(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("built")
    for name, data in PAGE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    monkeypatch.setattr(site, "_BUILT", folder)


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_copy_has_the_page_the_model_and_a_picture_of_each_cloud_type(
    tmp_path: Path, tiny_model: Path
) -> None:
    folder = tmp_path / "host" / "sky"
    arguments = ["web-page", "-o", str(folder), "--model", str(tiny_model)]
    result = CliRunner().invoke(app, arguments)
    written = files_below(folder)
    assert (result.exit_code, result.stdout) == (0, f"{folder}  {len(written)} files\n")

    data = tiny_model.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    del written["_headers"]
    assert written.pop("index.html") == b"page"
    assert written.pop("assets/page-1a2b.js") == b"script"
    assert written.pop(f"models/{digest}.onnx") == data
    listed = json.loads(written.pop("models.json"))
    pictures = {cloud["thumbnail"]: cloud["code"] for cloud in listed["models"][0]["classes"]}
    assert [*pictures.values()] == [cloud.code for cloud in CLOUD_TYPES]
    assert written.keys() == pictures.keys()
    assert all(picture[8:12] == b"WEBP" for picture in written.values())
    assert len(set(written.values())) == len(CLOUD_TYPES)


def test_models_say_what_the_page_needs_to_draw_with_them(model: SkyModel) -> None:
    described = json.loads(site.site([model], live=True)["models.json"].read())
    assert (described["version"], described["server"]) == (skyserver.__version__, True)
    (only,) = described["models"]
    classes = only.pop("classes")
    assert classes[7]["name"] == "cumulus"
    assert "fair-weather" in classes[7]["description"]
    assert only == {
        "digest": model.info.digest,
        "bytes": len(model.file.read_bytes()),
        "name": "tiny",
        "width": 64,
        "height": 64,
        "layers": 10,
        "z_dim": 16,
        "wraps": False,
        "licence": "CC0-1.0",
    }


def test_a_copy_knows_that_no_server_stands_behind_it(model: SkyModel, tmp_path: Path) -> None:
    site.write_copy(tmp_path, [model])
    assert json.loads((tmp_path / "models.json").read_bytes())["server"] is False


def test_a_copy_tells_its_host_which_headers_to_send(model: SkyModel, tmp_path: Path) -> None:
    site.write_copy(tmp_path, [model])
    rules: dict[str, dict[str, str]] = {}
    for line in (tmp_path / "_headers").read_text().splitlines():
        if line.startswith("/"):
            headers = rules.setdefault(line, {})
        else:
            name, value = line.removeprefix("  ").split(": ", 1)
            headers[name] = value
    assert rules["/*"]["cross-origin-opener-policy"] == "same-origin"
    assert rules["/*"]["cross-origin-embedder-policy"] == "require-corp"
    assert "default-src 'none'" in rules["/*"]["content-security-policy"]
    assert {path: rules[path] for path in rules.keys() - {"/*"}} == {
        path: {"cache-control": "public, max-age=31536000, immutable"}
        for path in ("/assets/*", "/models/*")
    }


def test_a_copy_replaces_what_it_wrote_and_leaves_the_rest(model: SkyModel, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("an old one")
    (tmp_path / "CNAME").write_text("example.org")
    site.write_copy(tmp_path, [model])
    first = files_below(tmp_path)
    assert (first["index.html"], first["CNAME"]) == (b"page", b"example.org")
    site.write_copy(tmp_path, [model])
    assert files_below(tmp_path) == first


def test_a_checkout_where_it_is_not_built_says_so_in_one_line(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "_BUILT", tmp_path / "absent")
    arguments = ["web-page", "-o", str(tmp_path / "copy"), "--model", str(tiny_model)]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {site.NOT_BUILT}\n"
    assert not (tmp_path / "copy").exists()


def test_a_file_in_the_way_is_an_error_in_one_line(model: SkyModel, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        site.write_copy(tmp_path, [model])
    assert files_below(tmp_path) == {"models": b"not a folder"}


def test_a_wheel_has_the_page_as_it_is_built_and_not_what_it_is_built_from(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("skyserver/web/")}
    assert packed == {f"skyserver/web/dist/{name}" for name in files_below(BUILT)}
