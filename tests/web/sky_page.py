"""The web page as a visitor uses it, for tests."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from playwright.sync_api import Locator, Page, expect

DRAWN = 60_000  # milliseconds that a sky may take on a busy machine, with all that comes before it
QUICK = "backend=wasm&pictures=1"

_RENDERED = """() => new Promise(done => {
    const look = () => document.querySelector("a-scene")?.renderStarted
        ? requestAnimationFrame(() => setTimeout(done, 50))  // a frame with what has changed
        : setTimeout(look, 50);
    look();
})"""


class SkyPage:
    """`page`, which is relative to the site."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(DRAWN)

    def part(self, name: str) -> Locator:
        """What has the `data-testid`."""
        return self.page.get_by_test_id(name)

    def open(self, query: str = "") -> None:
        """Open the page, which draws a sky at once where the query names one."""
        self.page.goto(f"./?{query}")
        self.part("generate").wait_for()

    def wait_for_sky(self, title: str) -> None:
        """Wait until the sky of this title is there and nothing is under way."""
        expect(self.part("title")).to_have_text(title, timeout=DRAWN)
        expect(self.part("generate")).to_have_text("Generate", timeout=DRAWN)

    def panorama(self) -> NDArray[np.uint8]:
        """The texels of the flat view, (H, 2 H, 3)."""
        self.part("view-flat").click()
        canvas = self.part("flat").locator("canvas")
        address: str = canvas.evaluate("canvas => canvas.toDataURL()")
        picture = Pillow.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
        return np.asarray(picture.convert("RGB"))

    def view(self) -> NDArray[np.uint8]:
        """A screenshot of the view around, with all that lies over it, (height, width, 3)."""
        self.page.evaluate(_RENDERED)
        picture = Pillow.open(io.BytesIO(self.part("around").screenshot()))
        return np.asarray(picture.convert("RGB"))

    def download(self) -> tuple[str, bytes]:
        """Press the dialog's button; return the name and the content of the file."""
        with self.page.expect_download(timeout=DRAWN) as started:
            self.part("save").click()
        return started.value.suggested_filename, started.value.path().read_bytes()


def psnr(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Likeness of two pictures with values up to 255, in dB."""
    error = np.mean((first.astype(float) - second.astype(float)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))
