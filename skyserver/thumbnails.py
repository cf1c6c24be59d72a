"""A small picture of each cloud type of a model, to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from skyserver.encode import MEDIA_TYPES, encode
from skyserver.latents import sky_latents
from skyserver.model import SkyModel
from skyserver.pipeline import Cancelled, Image
from skyserver.resample import resize

SEED: Final = 0
PSI: Final = 0.7  # more shows what is particular to one seed, less is a blur of all


@dataclass(frozen=True)
class Thumbnail:
    """The encoded picture of a cloud type, given by its code."""

    cloud: str
    media_type: str
    image: bytes


def draw_thumbnails(
    model: SkyModel, size: int, cancelled: Cancelled, format: str = "png"
) -> tuple[Thumbnail, ...]:
    """Draw a picture of `size` by `size` pixels of each cloud type, in the model's order.

    The same arguments give the same bytes. `cancelled` is asked before each picture; `format` is
    one of `skyserver.request.FORMATS`.
    """
    latent = sky_latents(SEED, model.info.layers, model.info.z_dim, 1)[:1]
    thumbnails = []
    for cloud in model.info.classes:
        cancelled()
        picture = model.run(latent, model.class_weights(cloud.code), PSI)[0]
        image = resize(_middle(picture), size, size)
        thumbnails.append(Thumbnail(cloud.code, MEDIA_TYPES[format], encode(image, format)))
    return tuple(thumbnails)


def _middle(picture: Image) -> Image:
    """The largest square in the middle of a picture (h, w, 3)."""
    height, width, _ = picture.shape
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return np.ascontiguousarray(picture[top : top + edge, left : left + edge])
