"""Retake the README's pictures of the web page, in Chromium: `make web-pictures`."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "web"))

from conftest import SWITCHES  # noqa: E402
from sky_page import SkyPage  # noqa: E402
from web_site import serving  # noqa: E402

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
INSIDE = {"viewport": {"width": 1280, "height": 560}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}
GAP = 24  # px between phones
QUALITY = 84


def main() -> None:
    """Write web-desktop.webp, web-phone.webp and web-inside.webp beside this file."""
    with serving() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=SWITCHES
        )
        save(desktop(browser, site), "desktop")
        save(phones(browser, site), "phone")
        save(inside(browser, site), "inside")
        browser.close()


@contextmanager
def visit(browser: Browser, site: str, query: str, **options: Any) -> Iterator[SkyPage]:
    """A page of a fresh profile, where the sky that the query names, if it does, is drawn."""
    context = browser.new_context(base_url=site, **options)
    page = SkyPage(context.new_page())
    page.open(query)
    if query:
        page.wait_for_sky("Cumulus")
        page.view()
    yield page
    context.close()


def shot(page: SkyPage) -> Image.Image:
    """What is in the window."""
    page.page.wait_for_timeout(1000)  # pictures and fades
    return Image.open(io.BytesIO(page.page.screenshot())).convert("RGB")


def desktop(browser: Browser, site: str) -> Image.Image:
    """A cumulus sky after a few others."""
    with visit(browser, site, "cloud=Cu&seed=13", color_scheme="light", **DESKTOP) as page:
        for cloud, name in (("Ci", "Cirrus"), ("Sc", "Stratocumulus"), ("Ac", "Altocumulus")):
            page.part("cloud").select_option(cloud)
            page.part("generate").click()
            page.wait_for_sky(name)
        gallery = page.part("gallery")
        gallery.get_by_role("button", name="Cumulus, seed 13", exact=True).click()
        page.wait_for_sky("Cumulus")
        page.page.mouse.move(0, 0)
        return shot(page)


def phones(browser: Browser, site: str) -> Image.Image:
    """Side by side: the first sight of the page, a sky in the dark scheme, its download."""
    with visit(browser, site, "", color_scheme="light", **PHONE) as page:
        shots = [shot(page)]
    with visit(browser, site, "cloud=Cu&seed=13", color_scheme="dark", **PHONE) as page:
        shots.append(shot(page))
        page.part("open-download").tap()
        shots.append(shot(page))
    width, height = shots[0].size
    row = Image.new("RGB", (len(shots) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(shots):
        row.paste(picture, (index * (width + GAP), 0))
    return row


def inside(browser: Browser, site: str) -> Image.Image:
    """The sky all around, in full screen, a little higher than it begins."""
    with visit(browser, site, "cloud=Cu&seed=13", **INSIDE) as page:
        page.part("fullscreen").click()
        page.part("around").focus()
        for key in ("ArrowLeft", "ArrowLeft", "ArrowUp"):
            page.page.keyboard.press(key)
        page.page.evaluate("document.activeElement.blur()")
        return shot(page)


def save(picture: Image.Image, name: str) -> None:
    """Write a WebP."""
    picture.save(HERE / f"web-{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
