"""Remake all pictures of skies with the default model, the Unity package's too: `make pictures`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from skyserver import SkyGenerator
from skyserver.clouds import CLOUD_TYPES
from skyserver.generator import Sky
from skyserver.srgb import from_linear, to_linear

HERE = Path(__file__).parent
UNITY = HERE.parent / "unity_package"
SAMPLE = UNITY / "Samples~" / "Weather Change"
WEATHER = {"Fair": ("Cu", 13), "Overcast": ("Sc", 13), "Rain": ("Ns", 11)}  # cloud type and seed
HERO, SHEET = 13, 13  # seeds
ROW = 150  # height of a row of the contact sheet, in pixels
GAP = 4
LABEL = 150
QUALITY = 82

Picture = NDArray[np.float32]


def main() -> None:
    """Write the README's hero and contact sheet, the Unity package's sample skies and picture."""
    generator = SkyGenerator()
    hero = generator.generate("Cu", HERO).resized(2048)
    save(hero.view(yaw=30, pitch=30, fov=100, width=960, height=420), HERE / "hero.webp")
    rows = [contact_row(generator.generate(cloud.code, SHEET)) for cloud in CLOUD_TYPES]
    save(labelled(rows), HERE / "contact-sheet.webp")
    skies = {name: generator.generate(*sky) for name, sky in WEATHER.items()}
    for name, sky in skies.items():
        sky.save(SAMPLE / f"{name}.jpg", size=1024)
    save(change(skies["Fair"], skies["Rain"]), UNITY / "Documentation~" / "weather-change.webp")


def change(first: Sky, last: Sky) -> Picture:
    """Three views side by side: one sky, the cross-fade half way in linear light, the other."""
    start, end = (
        sky.resized(2048).view(yaw=30, pitch=22, fov=100, width=320, height=240)
        for sky in (first, last)
    )
    half = from_linear((to_linear(start) + to_linear(end)) / 2)
    gap = np.ones((240, GAP, 3), np.float32)
    return np.concatenate([start, gap, half, gap, end], axis=1)


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


def save(picture: Picture, path: Path) -> None:
    """Write a WebP."""
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    image.save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
