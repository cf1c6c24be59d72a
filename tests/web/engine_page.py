"""The engine in a browser without the page round it: engine_harness/, built and called."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from skyserver.model import SkyModel
from skyserver.site import MODELS, site

HARNESS = Path(__file__).with_name("engine_harness")


def build(web: Path, folder: Path) -> None:
    """Build the harness into a folder; `web` has the packages."""
    vite = web / "node_modules" / ".bin" / "vite"
    subprocess.run([vite, "build", HARNESS, "--outDir", folder, "--logLevel", "error"], check=True)


def make_site(built: Path, folder: Path, models: Sequence[SkyModel]) -> Path:
    """Fill a folder with the built harness and models, and return it."""
    folder.mkdir(exist_ok=True)
    (folder / "assets").symlink_to(built / "assets")
    (folder / "index.html").symlink_to(built / "index.html")
    (folder / "models").mkdir()
    for path, content in site(models, live=False).items():
        if path == MODELS or path.startswith("models/"):
            (folder / path).write_bytes(content.read())
    return folder


class EnginePage:
    """The harness in a page: its functions, with bytes for base64."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        page.wait_for_function("window.harness")

    def start(self, query: str = "", model: str = "tiny", server: str | None = None) -> Any:
        """Start an engine with the page's query and a model by its name. May return an error."""
        return self._call("start", query, model, server)

    def first_picture(self, wish: dict[str, Any], threads: int) -> dict[str, Any]:
        """Latents and the first picture of a sky, as bytes of float32."""
        return self._call("firstPicture", wish, threads)

    def draw(self, cancel_at: str | None = None, **wish: Any) -> dict[str, Any]:
        """Draw a sky; `pixels` (height, width, 3) uint8. Or the kind and message of an error."""
        answer = self._call("draw", {"cloud": "Cu", "seed": "7", **wish}, cancel_at)
        if "pixels" in answer:
            rgba = np.frombuffer(answer["pixels"], np.uint8)
            answer["pixels"] = rgba.reshape(answer["height"], answer["width"], 4)[..., :3]
        return answer

    def export(self, which: int = -1, **options: Any) -> dict[str, Any]:
        """Return a file of one of the skies, by default the last: name, type, data. Or an error."""
        return self._call("export", which, options)

    def _call(self, name: str, *arguments: Any) -> Any:
        answer = self.page.evaluate(f"harness.{name}(...{json.dumps(arguments)})")
        for key in ("latents", "picture", "pixels", "data"):
            if isinstance(answer, dict) and key in answer:
                answer[key] = base64.b64decode(answer[key])
        return answer


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio in dB of pictures in [0, 1]."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(-10 * np.log10(error + 1e-20))
