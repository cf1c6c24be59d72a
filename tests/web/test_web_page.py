"""The web page in a browser: what a visitor does with it."""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from playwright.sync_api import Page, expect
from sky_page import QUICK, SkyPage, psnr

from skyserver import Sky, SkyGenerator
from skyserver.clouds import CLOUD_TYPES
from skyserver.request import SkyRequest

AXE = Path(__file__).parents[2] / "skyserver/web/node_modules/axe-core/axe.min.js"
DESKTOP = {"width": 1400, "height": 800}
PANEL = 440  # px beside the sky
PHONE = {"width": 390, "height": 844}
TARGET = 44  # px, the smallest thing that a finger hits
HEIGHT_OF_VIEW = 80  # degrees
FIRST_PITCH = math.degrees(0.45)
CENTRE_YAW = 90  # the middle of a panorama, from Unity's forward
CLEAR = slice(100, 600)  # rows of the view that nothing lies over


@pytest.fixture
def context_options() -> dict[str, Any]:
    return {"viewport": DESKTOP, "permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture
def sky_page(page: Page) -> SkyPage:
    return SkyPage(page)


def test_each_cloud_type_gives_a_sky_of_its_own(sky_page: SkyPage) -> None:
    sky_page.open(f"cloud=Ac&{QUICK}&method=mirror")
    skies = []
    for cloud in CLOUD_TYPES:
        if cloud.code != "Ac":
            sky_page.part(f"tile-{cloud.code}").check(force=True)
            sky_page.part("generate").click()
        sky_page.wait_for_sky(cloud.name.capitalize())
        expect(sky_page.part("cloud")).to_have_value(cloud.code)
        expect(sky_page.part("description")).to_have_text(f"{cloud.description}.", ignore_case=True)
        skies.append(sky_page.panorama())
    likeness = [psnr(a, b) for i, a in enumerate(skies) for b in skies[:i]]
    assert max(likeness) < 40
    expect(sky_page.part("gallery").get_by_role("button")).to_have_count(len(CLOUD_TYPES))

    sky_page.part("gallery").get_by_role("button", name="Altocumulus").click()
    sky_page.wait_for_sky("Altocumulus")
    assert np.array_equal(sky_page.panorama(), skies[0])


def test_stand_under_it_take_it_home_and_find_it_again_without_a_network(
    sky_page: SkyPage, allowed_errors: list[str]
) -> None:
    page = sky_page.page
    sky_page.open(f"cloud=cumulus&mix=Ci&share=0.25&seed=18446744073709551615&psi=0.65&{QUICK}")
    sky_page.wait_for_sky("Cumulus with 25 % cirrus")
    panorama = sky_page.panorama()
    assert psnr(panorama, python_panorama("Cu", 2**64 - 1)) > 50

    sky_page.part("view-around").click()
    assert psnr(sky_page.view()[CLEAR], seen(panorama, 0, FIRST_PITCH)) > 30
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(600, 200, steps=4)
    page.mouse.up()
    pitch = FIRST_PITCH - 100 * HEIGHT_OF_VIEW / DESKTOP["height"]
    assert psnr(sky_page.view()[CLEAR], seen(panorama, -20, pitch)) > 30
    sky_page.part("around").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    assert psnr(sky_page.view()[CLEAR], seen(panorama, -5, pitch + 7.5)) > 30

    sky_page.part("open-download").click()
    sky_page.part("size").select_option("1024")
    name, data = sky_page.download()
    assert name == "Cu-Ci-18446744073709551615-panorama-1024.png"
    assert np.array_equal(np.asarray(Pillow.open(io.BytesIO(data))), panorama)
    sky_page.part("layout-faces").check()
    sky_page.part("size").select_option("128")
    name, data = sky_page.download()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        faces = {Path(name).stem: archive.read(name) for name in archive.namelist()}
    assert {name.rpartition("-")[2] for name in faces} == {
        *("Left", "Right", "Up", "Down", "Front", "Back")
    }
    assert {Pillow.open(io.BytesIO(face)).size for face in faces.values()} == {(128, 128)}
    page.keyboard.press("Escape")
    expect(sky_page.part("open-download")).to_be_focused()

    sky_page.part("copy").click()
    expect(sky_page.part("copy")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    allowed_errors.append("net::ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)  # all that it takes was kept at the first visit
    assert page.evaluate("fetch('robots.txt').then(() => 'there', () => 'nothing')") == "nothing"
    page.goto(link)
    sky_page.wait_for_sky("Cumulus with 25 % cirrus")
    assert psnr(sky_page.panorama(), panorama) > 50  # threads add in another order
    shown = page.locator(".tile img").evaluate_all("all => all.map(image => image.naturalWidth)")
    assert shown == [256] * len(CLOUD_TYPES)


def test_keyboard_alone_draws_a_sky_and_nothing_jumps(sky_page: SkyPage) -> None:
    page = sky_page.page
    page.add_init_script(
        "globalThis.shifts = [];"
        "new PerformanceObserver(list => shifts.push(...list.getEntries().map(e => e.value)))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    sky_page.open(QUICK)
    page.keyboard.press("Tab")
    expect(sky_page.part("cloud")).to_be_focused()
    page.keyboard.press("Tab")
    expect(sky_page.part("tile-Cu")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(sky_page.part("tile-Ct")).to_be_checked()
    sky_page.part("generate").focus()
    page.keyboard.press("Enter")
    expect(sky_page.part("cancel")).to_be_visible()
    expect(sky_page.part("generate")).to_be_focused()
    sky_page.wait_for_sky("Contrail")
    expect(sky_page.part("status")).to_have_text("Contrail is drawn")
    assert sum(page.evaluate("shifts")) < 0.01

    sky_page.part("generate").press("Enter")
    page.wait_for_url(re.compile("cloud=Ct&.*seed=13&"))


def test_accessible_on_a_phone_in_light_and_dark(sky_page: SkyPage) -> None:
    page = sky_page.page
    page.set_viewport_size(PHONE)
    sky_page.open(QUICK)
    assert violations(page) == []
    sky_page.part("generate").click()
    sky_page.wait_for_sky("Cumulus")
    sky_page.part("more").locator("summary").click()
    assert violations(page) == []
    assert small_targets(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name in ("download", "unity"):
        sky_page.part(f"open-{name}").click()
        assert violations(page) == []
        assert small_targets(page) == []
        sky_page.part(f"{name}-close").click()


def python_panorama(cloud: str, seed: int) -> NDArray[np.float32]:
    """The same sky by Python, in values up to 255."""
    mixture = {"mix_with": "Ci", "mix_share": 0.25}
    return SkyGenerator().generate(cloud, seed, psi=0.65, pictures=1, **mixture).panorama * 255


def seen(panorama: NDArray[np.uint8], yaw: float, pitch: float) -> NDArray[np.float32]:
    """What `Sky.view` makes of the panorama, the rows `CLEAR`; `yaw` from its middle."""
    sky = Sky(panorama.astype(np.float32) / 255, SkyRequest("Cu"))
    width, height = DESKTOP["width"] - PANEL, DESKTOP["height"]
    across = math.tan(math.radians(HEIGHT_OF_VIEW / 2)) * width / height
    fov = 2 * math.degrees(math.atan(across))
    return sky.view(CENTRE_YAW + yaw, pitch, fov, width, height)[CLEAR] * 255


def violations(page: Page) -> list[str]:
    """What axe-core finds in either scheme, as rule and element."""
    page.evaluate(AXE.read_text())
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += page.evaluate(
            "axe.run().then(found => found.violations.flatMap("
            "rule => rule.nodes.map(node => `${rule.id}: ${node.html}`)))"
        )
    return found


def small_targets(page: Page) -> list[str]:
    """Visible controls that are less than `TARGET` wide or high, of what is in front."""
    return page.evaluate(
        """least => {
            const front = document.querySelector("dialog") ?? document;
            const radio = control => control.matches("[type=radio]");
            return [...front.querySelectorAll("button, select, input, summary, a[href]")]
                .map(control => radio(control) ? control.closest("label") : control)
                .filter(control => control.checkVisibility())
                .filter(control => {
                    const {width, height} = control.getBoundingClientRect();
                    return Math.min(width, height) < least - 0.01;
                })
                .map(control => control.outerHTML.slice(0, 120));
        }""",
        TARGET,
    )
