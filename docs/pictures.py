"""Remake the README's pictures with the default model: `make pictures`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from skyserver import SkyGenerator
from skyserver.clouds import CLOUD_TYPES
from skyserver.generator import Sky

HERE = Path(__file__).parent
SEED = 2
ROW = 150  # height of a row of the contact sheet, in pixels
GAP = 4
LABEL = 150
QUALITY = 82

Picture = NDArray[np.float32]


def main() -> None:
    """Write hero.webp and contact-sheet.webp beside this file."""
    generator = SkyGenerator()
    hero = generator.generate("Cu", SEED).resized(2048)
    save(hero.view(yaw=30, pitch=22, fov=100, width=960, height=420), "hero.webp")
    rows = [contact_row(generator.generate(cloud.code, SEED)) for cloud in CLOUD_TYPES]
    save(labelled(rows), "contact-sheet.webp")


def contact_row(sky: Sky) -> Picture:
    """A sky in one strip: its panorama, the view ahead and the view straight up."""
    panorama = sky.resized(2 * ROW).panorama
    ahead = sky.view(yaw=0, pitch=25, fov=90, width=2 * ROW, height=ROW)
    up = sky.view(yaw=0, pitch=90, fov=90, width=ROW, height=ROW)
    gap = np.ones((ROW, GAP, 3), np.float32)
    return np.concatenate([panorama, gap, ahead, gap, up], axis=1)


def labelled(rows: list[Picture]) -> Picture:
    """The rows under each other, each after the name of its cloud type."""
    height, width = rows[0].shape[:2]
    sheet = Image.new("RGB", (LABEL + width, len(rows) * (height + GAP)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for index, (cloud, row) in enumerate(zip(CLOUD_TYPES, rows, strict=True)):
        top = index * (height + GAP)
        draw.text((8, top + height / 2), f"{cloud.code}\n{cloud.name}", "black", font, anchor="lm")
        sheet.paste(Image.fromarray(np.round(row * 255).astype(np.uint8)), (LABEL, top))
    return np.asarray(sheet, np.float32) / 255


def save(picture: Picture, name: str) -> None:
    """Write a WebP beside this file."""
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    image.save(HERE / name, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
