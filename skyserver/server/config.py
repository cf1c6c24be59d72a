"""What a server is told: where it listens and what it allows."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from skyserver.errors import InvalidField

HTTP_PORT: Final = 8080

_RANGES: Final = (
    ("port", 0, 65535),
    ("http_port", 0, 65535),
    ("workers", 1, 64),
    ("queue", 0, 1000),
)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


@dataclass(frozen=True)
class ServerConfig:
    """Where a server listens and what it allows. Times are in seconds.

    `port` is for gRPC, `http_port` for gRPC-Web and the web page (None: not served); 0 takes any
    free one. `cors_origins` are the other web pages that may call, "*" for all. `workers` requests
    run at once and `queue` more may wait.
    `insecure` permits to listen, unencrypted, on an address that other machines reach.
    `max_seconds` is for a whole call, waiting included; `grace` is what running calls get to end
    when the server stops.
    """

    host: str = "127.0.0.1"
    port: int = 50051
    http_port: int | None = HTTP_PORT
    cors_origins: tuple[str, ...] = ()
    insecure: bool = False
    workers: int = 1
    queue: int = 16
    max_upload_bytes: int = 64 * 2**20
    max_seconds: float = 120.0
    grace: float = 20.0

    @property
    def max_message_bytes(self) -> int:
        """An upload and room for the fields beside it, so that a small excess is named as such."""
        return self.max_upload_bytes + 2**20

    def check(self) -> None:
        """Raise `InvalidField`, naming the field, unless everything is allowed."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InvalidField(name, value, f"{low} to {high}")
        for origin in self.cors_origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise InvalidField("cors_origins", origin, "* or as in https://example.org:8443")
        if not self.insecure and not is_loopback(self.host):
            raise InvalidField(
                "host", self.host, "127.0.0.1, ::1 or localhost; any other with --insecure"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`. A name other than localhost could be anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_this_server(host: str, listening: str) -> bool:
    """Whether a Host header can only mean the server that listens on the host `listening`.

    An address can, and a name that is known here; any other name its owner may have resolve to this
    machine (DNS rebinding).
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name not in ("localhost", listening):
            ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
