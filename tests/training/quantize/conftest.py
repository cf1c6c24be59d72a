from pathlib import Path

import onnx
import pytest
from small_generator import small_generator


@pytest.fixture
def small() -> onnx.ModelProto:
    return small_generator()


@pytest.fixture
def small_file(small: onnx.ModelProto, tmp_path: Path) -> Path:
    path = tmp_path / "small.onnx"
    onnx.save(small, path)
    return path
