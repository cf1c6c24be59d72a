"""The web page in a browser when something is wrong: a plain sentence, and a way on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sky_page import QUICK, SkyPage

FAILED = "Failed to load resource"  # how the console reports each answer of 400 and more


@pytest.fixture
def context_options() -> dict[str, Any]:
    """Requests that a service worker makes could not be answered by the test."""
    return {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}


@pytest.fixture
def sky_page(page: Page) -> SkyPage:
    return SkyPage(page)


def missing(route: Route) -> None:
    route.fulfill(status=404, body="")


def test_what_is_missing_is_said_and_can_be_tried_again(
    sky_page: SkyPage, allowed_errors: list[str]
) -> None:
    page = sky_page.page
    allowed_errors += [FAILED, "sky-scene"]
    context = page.context
    context.route("**/models.json", missing)
    context.route("**/models/*.onnx", missing)
    context.route("**/sky-scene-*.js", missing)
    page.goto(f"./?cloud=Cu&{QUICK}")
    expect(sky_page.part("problem")).to_be_visible()

    context.unroute("**/models.json")
    sky_page.part("retry").click()
    expect(sky_page.part("problem")).to_contain_text("The site has moved on")
    expect(sky_page.part("generate")).to_have_text("Generate")

    context.unroute("**/models/*.onnx")
    sky_page.part("retry").click()
    sky_page.wait_for_sky("Cumulus")
    expect(sky_page.part("problem")).to_have_count(0)
    expect(sky_page.part("lost")).to_contain_text("did not load")
    expect(sky_page.part("flat")).to_be_visible()
    sky_page.part("open-download").click()
    assert sky_page.download()[0] == "Cu-0-panorama-2048.png"


def test_hostile_address_falls_back_and_says_so(sky_page: SkyPage) -> None:
    page = sky_page.page
    sky_page.open(
        "cloud=<img src=x onerror=alert(1)>&mix=__proto__&share=NaN&seed=-1&psi=1e9"
        "&pictures=99&method=constructor&below=url(//example.org)&model=../../etc"
        "&inspector=true&backend=wasm"
    )
    sky_page.part("cancel").click()
    expect(sky_page.part("notes").locator("p")).to_have_count(9)
    expect(sky_page.part("notes")).to_contain_text("“<img src=x onerror=alert(1)>” for cloud")
    expect(sky_page.part("notes")).to_contain_text("seed, which is not a whole number from 0 to")
    expect(sky_page.part("generate")).to_have_text("Generate")
    page.wait_for_url(lambda url: "inspector" not in url and "cloud=Cu&seed=0&psi=0.8&" in url)
    sky_page.part("dismiss").click()
    expect(sky_page.part("notes")).to_have_count(0)


def test_lost_graphics_and_a_hidden_tab(sky_page: SkyPage) -> None:
    page = sky_page.page
    page.add_init_script("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
    sky_page.open(f"cloud=Cu&{QUICK}")
    sky_page.wait_for_sky("Cumulus")
    expect(sky_page.part("notes")).to_contain_text("while the page was out of sight")
    expect(page).to_have_title("Cumulus · SkyServer")

    sky_page.view()
    lose = "canvas => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    page.locator("canvas.a-canvas").evaluate(lose)
    expect(sky_page.part("lost")).to_contain_text("took the graphics away")
    expect(sky_page.part("flat")).to_be_visible()
    sky_page.part("look-again").click()
    sky_page.view()
    expect(sky_page.part("lost")).to_have_count(0)
    # A-Frame's inspector would come from another host, which the fixture `page` takes amiss
    page.keyboard.press("Control+Alt+KeyI")
