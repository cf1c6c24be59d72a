from __future__ import annotations

from pathlib import Path

import pytest

from skyserver.batch.drawing import Drawing
from skyserver.model import SkyModel
from skyserver.request import Output, SkyRequest


@pytest.fixture
def drawing(tmp_path: Path, tiny_model: Path) -> Drawing:
    request = SkyRequest("Cu", seed=995, outputs=(Output(size=512),))
    digest = SkyModel.load(tiny_model, 1, "cpu").info.digest
    return Drawing(tmp_path / "skies", request, digest, tiny_model, backend="cpu")
