"""The web page where the server draws, and only for those who have a token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import live_ports
from playwright.sync_api import Browser, Locator, Page, expect
from sky_page import DRAWN, QUICK, SkyPage
from token_file import FREE, ONE_A_MINUTE, UNKNOWN, write_tokens

from skyserver.model import SkyModel
from skyserver.server.config import ServerConfig

ELSEWHERE = "192.0.2.1"  # for documentation (RFC 5737)


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    return write_tokens(tmp_path)


@pytest.fixture
def site(built_page: Path, tiny_model: Path, tokens: Path) -> Iterator[str]:
    assert (built_page / "index.html").is_file()
    config = ServerConfig(port=0, http_port=0, tokens=tokens, cache_bytes=0)
    with live_ports([SkyModel.load(tiny_model, threads=1)], config) as ports:
        yield f"http://127.0.0.1:{ports.http}/"


@pytest.fixture
def context_options() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}


@pytest.fixture
def sky_page(page: Page, allowed_errors: list[str]) -> SkyPage:
    """Without the view around, which takes its time."""
    allowed_errors += ["Failed to load resource", "sky-scene"]
    page.context.route("**/sky-scene-*.js", lambda route: route.fulfill(status=404, body=""))
    return SkyPage(page)


def says(part: Locator, text: str) -> None:
    expect(part).to_contain_text(text, timeout=DRAWN)


def enter(form: Locator, token: str) -> None:
    form.get_by_label("Token").fill(token)
    form.get_by_role("button").click()


def test_a_token_is_asked_for_kept_for_the_visit_and_told_to_nobody_else(
    sky_page: SkyPage, tokens: Path
) -> None:
    page, form = sky_page.page, sky_page.part("token-form")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    sky_page.open(f"backend=server&cloud=Cu&{QUICK}")
    says(form, "asks for a token")
    expect(form.get_by_label("Token")).to_have_attribute("type", "password")
    enter(form, "not a token")
    expect(sky_page.part("generate")).to_have_text("Generate")  # the browser itself refuses it
    enter(form, UNKNOWN)
    says(form, "does not know this token")
    enter(form, FREE)
    sky_page.wait_for_sky("Cumulus")
    says(sky_page.part("facts"), "drawn by the server")
    page.reload()
    sky_page.wait_for_sky("Cumulus")

    tokens.write_text(tokens.read_text().replace(FREE, "token-that-was-changed"))
    sky_page.part("open-download").click()
    sky_page.part("size").select_option("512")
    sky_page.part("save").click()
    says(form, "does not know this token")
    with page.expect_download(timeout=DRAWN) as started:
        enter(form, ONE_A_MINUTE)
    assert started.value.suggested_filename == "Cu-0-panorama-512.png"
    sky_page.part("save").click()
    says(
        sky_page.part("download-problem"),
        "The server cannot draw now: ben is over its limit of 1 calls a minute. Try again in ",
    )

    kept = page.evaluate("[document.cookie, JSON.stringify(localStorage), document.body.outerHTML]")
    told = f"{addresses} {page.url} {kept}"
    assert not [token for token in (FREE, ONE_A_MINUTE, UNKNOWN) if token in told]


def test_a_token_is_not_asked_for_where_it_would_travel_unencrypted(
    browser: Browser, site: str
) -> None:
    """Loopback is safe without https, so the browser takes it for another machine."""
    launched = browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"],
    )
    try:
        page = launched.new_page()
        page.goto(f"{site.replace('127.0.0.1', ELSEWHERE)}?backend=server&cloud=Cu&{QUICK}")
        says(page.get_by_test_id("problem"), "must not travel unencrypted. Open this page over")
        expect(page.get_by_test_id("token-form")).to_have_count(0)
    finally:
        launched.close()
