"""Fixtures for tests of the web page in a real browser, Chromium, driven by Playwright."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import engine_page
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from web_site import serving

ROOT = Path(__file__).parents[2]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",  # WebGL by SwiftShader, on the processor
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The folder of the built page."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: the web page cannot be built")
    subprocess.run(["make", "web"], cwd=ROOT, check=True)
    return ROOT / "skyserver" / "web" / "dist"


@pytest.fixture(scope="session")
def engine_build(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of engine_harness/, built with the packages that the page is built with."""
    folder = tmp_path_factory.mktemp("engine") / "built"
    engine_page.build(built_page.parent, folder)
    return folder


@pytest.fixture(scope="session")
def site(built_page: Path) -> Iterator[str]:
    """The address, ending in /, of a live server with the built page and the default model."""
    assert (built_page / "index.html").is_file()
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def context_options() -> dict[str, Any]:
    """What `page`'s context is made with, as of `Browser.new_context`; a module may override it."""
    return {}


@pytest.fixture
def allowed_errors() -> list[str]:
    """Regular expressions; a test that provokes errors appends what the console may then say."""
    return []


@pytest.fixture
def page(
    site: str, browser: Browser, context_options: dict[str, Any], allowed_errors: list[str]
) -> Iterator[Page]:
    """A page in a fresh profile, relative to `site`.

    The test fails if the console shows an error that is not allowed, if a script fails, or if
    anything is asked of another host.
    """
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("blob", "data") and address.netloc != urlsplit(site).netloc:
            complaints.append(f"asks another host: {request.url}")

    context = browser.new_context(base_url=site, **context_options)
    context.on("console", on_console)
    context.on("weberror", lambda failed: complaints.append(str(failed.error)))
    context.on("request", on_request)
    yield context.new_page()
    context.close()
    unexpected = [
        text for text in complaints if not any(re.search(known, text) for known in allowed_errors)
    ]
    assert not unexpected
