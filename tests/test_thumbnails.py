from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skyserver import thumbnails
from skyserver.errors import Cancelled
from skyserver.latents import latent
from skyserver.model import SkyModel
from skyserver.thumbnails import draw_thumbnails


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model, threads=1)


def test_every_cloud_type_has_a_picture_of_its_own(model: SkyModel) -> None:
    drawn = draw_thumbnails(model, 48, lambda: None)
    assert [thumbnail.cloud for thumbnail in drawn] == [c.code for c in model.info.classes]
    assert {thumbnail.media_type for thumbnail in drawn} == {"image/png"}
    assert len({thumbnail.image for thumbnail in drawn}) == len(drawn)
    for thumbnail in drawn:
        with Image.open(io.BytesIO(thumbnail.image)) as image:
            assert (image.format, image.size) == ("PNG", (48, 48))
    assert draw_thumbnails(model, 48, lambda: None) == drawn


def test_the_pictures_are_the_models_own(model: SkyModel) -> None:
    """At the size that it draws nothing is resampled."""
    size, z_dim, layers = model.info.width, model.info.z_dim, model.info.layers
    z = np.repeat(latent(thumbnails.SEED, 0, z_dim)[None, None], layers, axis=1)
    z[:, :5] = latent(thumbnails.SEED, 1, z_dim)
    for cloud, thumbnail in zip(
        model.info.classes, draw_thumbnails(model, size, lambda: None), strict=True
    ):
        expected = model.run(z, model.class_weights(cloud.code), thumbnails.PSI)[0]
        with Image.open(io.BytesIO(thumbnail.image)) as image:
            np.testing.assert_allclose(np.asarray(image) / 255, expected, atol=0.51 / 255)


@pytest.mark.parametrize(("height", "width"), [(40, 64), (64, 40), (63, 64)])
def test_a_picture_that_is_not_square_is_cut_in_its_middle(height: int, width: int) -> None:
    picture = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
    square = thumbnails._middle(picture)
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    np.testing.assert_array_equal(square, picture[top : top + edge, left : left + edge])
    assert square.shape == (edge, edge, 3)


def test_drawing_stops_before_the_next_picture(model: SkyModel) -> None:
    asked = []

    def cancelled() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise Cancelled("gone")

    with pytest.raises(Cancelled):
        draw_thumbnails(model, 32, cancelled)
    assert len(asked) == 3
