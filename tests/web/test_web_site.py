"""What a visit costs in bytes, and what the browser makes of the headers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from skyserver.model import SkyModel
from skyserver.site import StaticFile, ThumbnailOf, site
from skyserver.thumbnails import draw_thumbnails

PAGE_BUDGET = 700_000  # bytes, compressed: all files but model and wasm runtime, A-Frame included
MODEL_BUDGET = 10_000_000


@pytest.fixture(scope="module")
def weights(built_page: Path) -> dict[str, int]:
    """Bytes on the wire of all that the site has, by path, for a browser that knows brotli."""
    assert (built_page / "index.html").is_file()
    model = SkyModel.load(threads=1)
    thumbnails = draw_thumbnails(model, 256, lambda: None, "webp")
    pictures = {drawn.cloud: drawn.image for drawn in thumbnails}
    sizes = {}
    for path, content in site([model], live=True).items():
        if isinstance(content, ThumbnailOf):
            sizes[path] = len(pictures[content.cloud])
        elif isinstance(content, StaticFile) and "br" in content.compressed:
            sizes[path] = content.compressed["br"].stat().st_size
        else:
            sizes[path] = len(content.read())
    return sizes


def test_the_page_keeps_within_its_budget(weights: dict[str, int]) -> None:
    """All files count, also those that only some visits need."""
    page = {
        path: size
        for path, size in weights.items()
        if not path.startswith("models/") and not path.endswith(".wasm")
    }
    assert {"index.html", "service-worker.js", "models.json"} < page.keys()
    assert sum(page.values()) < PAGE_BUDGET, sorted(page.items(), key=lambda item: -item[1])


def test_the_model_keeps_within_its_budget(weights: dict[str, int]) -> None:
    (size,) = (size for path, size in weights.items() if path.startswith("models/"))
    assert size < MODEL_BUDGET


def test_the_licences_of_what_is_bundled_travel_with_it(built_page: Path) -> None:
    """Of the page, its worker and what the engine loads when it needs it."""
    notices = (built_page / "licences.txt").read_text(encoding="utf-8").split("-" * 80)
    named = {notice.split()[0] for notice in notices}
    assert {"aframe", "super-three", "preact", "onnxruntime-web", "@connectrpc/connect"} <= named
    assert all("licence undefined" not in notice for notice in notices)


def test_the_page_may_have_threads(page: Page) -> None:
    page.goto("")
    assert page.evaluate("crossOriginIsolated && new SharedArrayBuffer(1).byteLength") == 1


# what an injected script would try, and the directive of the policy that stops it
ATTEMPTS = {
    "add('script', {textContent: 'window.ran = 1'})": "script-src-elem",
    "add('script', {src: 'https://example.org/x.js'})": "script-src-elem",
    "add('style', {textContent: '* {color: red}'})": "style-src-elem",
    "add('img', {src: 'https://example.org/x.png'})": "img-src",
    "add('iframe', {src: 'https://example.org/'})": "frame-src",
    "add('base', {href: 'https://example.org/'})": "base-uri",
    "add('form', {action: 'https://example.org/'}).submit()": "form-action",
    "fetch('https://example.org/').catch(() => {})": "connect-src",
    "new Worker('data:text/javascript,1')": "worker-src",
}
TRY = """async () => {
    const add = (tag, facts) =>
        document.body.appendChild(Object.assign(document.createElement(tag), facts));
    const stopped = new Promise((resolve) =>
        addEventListener(
            "securitypolicyviolation",
            (event) => resolve(event.effectiveDirective),
            { once: true },
        ),
    );
    %s;
    return Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 5000))]);
}"""


def test_the_policy_stops_what_the_page_never_does(page: Page, allowed_errors: list[str]) -> None:
    allowed_errors += ["Content Security Policy", r"asks another host: https://example\.org"]
    page.goto("")
    assert {attempt: page.evaluate(TRY % attempt) for attempt in ATTEMPTS} == ATTEMPTS
    assert page.evaluate("window.ran") is None
