"""An editor that makes assets of what a server of the default model draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import mono
import pytest
from assets_editor import AssetsEditor, material_of
from live import live_ports
from made_skies import MadeSkies
from reference_renderer import Material

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig


@pytest.fixture(scope="session")
def editor(
    package_assembly: mono.PackageAssemblies, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AssetsEditor]:
    """One for all tests: they do not mind what others have made."""
    exe = AssetsEditor.compile(tmp_path_factory.mktemp("assets"), package_assembly)
    model = SkyModel.load(None, threads=1)
    with live_ports([model], ServerConfig(port=0, http_port=0)) as ports:
        address = f"http://127.0.0.1:{ports.http}"
        with AssetsEditor(exe, tmp_path_factory.mktemp("project"), address) as editor:
            yield editor


@pytest.fixture(scope="session")
def create(editor: AssetsEditor) -> MadeSkies:
    """Make a sky in a layout."""
    return MadeSkies(editor)


@pytest.fixture(scope="session")
def material(editor: AssetsEditor, create: MadeSkies) -> Callable[[str, str], Material]:
    """The material of a sky in a layout."""
    return lambda cloud, layout: material_of(create(cloud, layout), editor.project)
