"""The skies that these tests share. Not the defaults, so that a default is noticed."""

from __future__ import annotations

from assets_editor import AssetsEditor, Report

from skyserver.clouds import CLOUD_TYPES

CLOUDS = [cloud.code for cloud in CLOUD_TYPES]
WIDTH = 1024  # of a panorama, as fine as faces of a quarter
SEED = 13  # a sky of some contrast, or a degree would not be seen
BELOW = "mirror"  # haze is too smooth to tell which way its face lies
TINT = {"r": 0.55, "g": 0.45, "b": 0.4, "a": 0.5}
EXPOSURE = 1.25
ROTATION = 40.0  # brings nothing back to where it was


class MadeSkies:
    """Makes a sky in a layout, once: what Unity was told of it."""

    def __init__(self, editor: AssetsEditor) -> None:
        self._editor = editor
        self._made: dict[tuple[str, str], Report] = {}

    def __call__(self, cloud: str, layout: str) -> Report:
        if (cloud, layout) not in self._made:
            self._made[cloud, layout] = self._editor.make(
                "create",
                Cloud=cloud,
                Seed=str(SEED),
                Below=BELOW,
                Layout=layout,
                Size=WIDTH if layout == "Panoramic" else WIDTH // 4,
                Tint=TINT,
                Exposure=EXPOSURE,
                Rotation=ROTATION,
            )
        return self._made[cloud, layout]
