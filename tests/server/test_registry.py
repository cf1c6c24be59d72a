"""Which model a call gets while models come and go."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import onnx
import pytest

from skyserver.errors import InvalidField, ModelError, NotFound
from skyserver.model import SkyModel
from skyserver.server.registry import Registry


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    """Two versions of one model, another one, and a file that is none."""
    shutil.copy(tiny_model, tmp_path / "tiny.onnx")
    save(tiny_model, tmp_path / "tiny-2.onnx", {"skyserver.licence": "CC-BY-4.0"})
    save(tiny_model, tmp_path / "other.onnx", {"skyserver.name": "other"})
    (tmp_path / "broken.onnx").write_bytes(tiny_model.read_bytes()[:-100])
    (tmp_path / ".hidden.onnx").write_bytes(tiny_model.read_bytes())
    return tmp_path


def save(source: Path, path: Path, changes: dict[str, str]) -> None:
    model = onnx.load(source)
    for entry in model.metadata_props:
        entry.value = changes.get(entry.key, entry.value)
    onnx.save(model, path)


def names(registry: Registry) -> list[tuple[str, str]]:
    return [(model.info.name, model.info.licence) for model in registry.models]


def test_a_new_version_takes_the_place_of_the_old_one(model: SkyModel, folder: Path) -> None:
    async def main() -> None:
        registry = Registry([model], folder)
        await registry.load("other.onnx")
        held = registry.get("")
        await registry.load("tiny-2.onnx")
        assert names(registry) == [("tiny", "CC-BY-4.0"), ("other", "CC0-1.0")]
        assert held is model
        assert registry.get("tiny") is registry.get("")
        with pytest.raises(NotFound, match="known: tiny, other"):
            registry.get(model.info.digest)

    asyncio.run(main())


def test_the_same_file_again_changes_nothing_to_see(model: SkyModel, folder: Path) -> None:
    async def main() -> None:
        registry = Registry([model], folder)
        await registry.load("tiny.onnx")
        assert [served.info for served in registry.models] == [model.info]

    asyncio.run(main())


def test_the_last_model_stays(model: SkyModel, folder: Path) -> None:
    async def main() -> None:
        registry = Registry([model], folder)
        await registry.load("other.onnx")
        await registry.unload(model.info.digest)
        assert registry.get("").info.name == "other"
        for wanted in ("other", ""):
            with pytest.raises(InvalidField, match=r"^model: "):
                await registry.unload(wanted)
        with pytest.raises(NotFound):
            await registry.unload("tiny")
        assert names(registry) == [("other", "CC0-1.0")]

    asyncio.run(main())


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../tiny.onnx",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "c:x",
        "x\0",
        "a\n",
        ".hidden.onnx",
    ],
)
def test_only_plain_names_reach_the_disk(model: SkyModel, folder: Path, name: str) -> None:
    opened: list[Path] = []
    registry = Registry([model], folder / "models", open_model=opened.append)
    with pytest.raises(InvalidField, match=r"^file: "):
        asyncio.run(registry.load(name))
    assert opened == []


def test_what_cannot_be_loaded_leaves_all_as_it_was(model: SkyModel, folder: Path) -> None:
    async def main() -> None:
        registry = Registry([model], folder)
        with pytest.raises(ModelError, match=r"broken\.onnx"):
            await registry.load("broken.onnx")
        with pytest.raises(
            NotFound, match=r"known: broken\.onnx, other\.onnx, tiny-2\.onnx, tiny\.onnx$"
        ):
            await registry.load("absent.onnx")
        with pytest.raises(ModelError, match="no folder of models"):
            await Registry([model]).load("tiny.onnx")
        assert registry.models == (model,)

    asyncio.run(main())
