"""The library's face: arrays and files of the same sky as the pipeline's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import skyserver
from skyserver import SkyGenerator
from skyserver.errors import InvalidField, NotFound, OutputError
from skyserver.generator import Sky
from skyserver.model import SkyModel
from skyserver.pipeline import generate
from skyserver.request import Output, SkyRequest


@pytest.fixture(scope="module")
def generator(tiny_model: Path) -> SkyGenerator:
    return SkyGenerator(tiny_model, threads=1)


@pytest.fixture(scope="module")
def sky(generator: SkyGenerator) -> Sky:
    return generator.generate("Cu", seed=7)


def test_panorama(sky: Sky) -> None:
    height, width, channels = sky.panorama.shape
    assert (width, channels) == (2 * height, 3)
    assert sky.panorama.dtype == np.float32
    assert sky.panorama.min() >= 0
    assert sky.panorama.max() <= 1
    assert sky.request == SkyRequest("Cu", 7)


def test_mixtures(generator: SkyGenerator, sky: Sky) -> None:
    mixed = generator.generate("Cu", seed=7, mix_with="Ci", mix_share=0.4)
    assert mixed.request == SkyRequest("Cu", 7, mix_with="Ci", mix_share=0.4)
    assert np.abs(mixed.panorama - sky.panorama).max() > 0.02


def test_the_sun_is_the_pipelines(sky: Sky, tiny_model: Path) -> None:
    request = SkyRequest("Cu", 7, outputs=(Output(size=512),))
    assert sky.sun == generate(SkyModel.load(tiny_model), request).sun


def test_resized_faces_and_view(sky: Sky) -> None:
    assert sky.resized(512).panorama.shape == (256, 512, 3)
    assert sky.faces(96).shape == (6, 96, 96, 3)
    assert sky.view(30, 10, 70, 64, 36).shape == (36, 64, 3)
    # The view straight ahead over 90 degrees is the face +Z.
    np.testing.assert_allclose(sky.view(0, 0, 90, 96, 96), sky.faces(96)[4], atol=0.02)


def test_saved_files_are_the_pipelines(sky: Sky, tiny_model: Path, tmp_path: Path) -> None:
    outputs = (Output(size=512), Output("faces", 128, "png", "threejs"))
    expected = generate(SkyModel.load(tiny_model), SkyRequest("Cu", 7, outputs=outputs)).artifacts
    assert sky.save(tmp_path / "sky.png", size=512) == [tmp_path / "sky.png"]
    written = sky.save(tmp_path / "faces", "faces", 128, "threejs")
    assert [path.name for path in written] == [face.name for face in expected[1:]]
    for path, artifact in zip([tmp_path / "sky.png", *written], expected, strict=True):
        assert path.read_bytes() == artifact.data


def test_format_is_the_suffix(sky: Sky, tmp_path: Path) -> None:
    sky.save(tmp_path / "sky.jpg", layout="strip", size=128)
    with Pillow.open(tmp_path / "sky.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (768, 128))


def test_errors_name_what_is_wrong(generator: SkyGenerator, sky: Sky, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cloud"):
        generator.generate("fog")
    with pytest.raises(InvalidField, match="psi"):
        generator.generate("Cu", psi=2)
    with pytest.raises(InvalidField, match=r"output: 'sky\.gif'"):
        sky.save(tmp_path / "sky.gif")
    with pytest.raises(OutputError, match="none"):
        sky.save(tmp_path / "none" / "sky.png")
    assert list(tmp_path.iterdir()) == []


def test_info(generator: SkyGenerator) -> None:
    assert generator.info.name == "tiny"
    assert [cloud.code for cloud in generator.info.classes][:2] == ["Ac", "As"]


def test_import_is_quick() -> None:
    """`import skyserver` loads no library, the generator no ONNX Runtime before a model."""
    script = (
        "import sys, skyserver\n"
        "assert 'numpy' not in sys.modules\n"
        "from skyserver import SkyGenerator\n"
        "assert 'onnxruntime' not in sys.modules and 'grpc' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clouds'"):
        _ = skyserver.Clouds
