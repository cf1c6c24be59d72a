"""HTTP headers of the web page's site: for its threads, for its safety, and how long files hold.

`skyserver serve` sends them, and a copy of the site has them in the file `_headers`, which several
hosts of static files follow.
"""

from __future__ import annotations

from typing import Final

# SHA-256 of the <style> that A-Frame 1.8.0 adds to the page, first empty and then filled
_AFRAME_STYLES: Final = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    " 'sha256-v7XYwoR6kd4w8P/jKJwhD8xtQ9lX51WNsDeaJBRcNMc='"
)
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        f"style-src 'self' {_AFRAME_STYLES}",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
    )
)

SAFETY: Final = {
    "content-security-policy": _POLICY,
    # the page shares its process with no other site, so that it may have threads (HTML, 7.1.4)
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(self), gyroscope=(self), xr-spatial-tracking=(self),"
    " camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
ASK_AGAIN: Final = {"cache-control": "no-cache"}  # kept, but used only while the server agrees
