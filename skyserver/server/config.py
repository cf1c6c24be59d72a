"""What a server is told: where it listens and what it allows."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from skyserver.errors import InvalidField


@dataclass(frozen=True)
class ServerConfig:
    """Where a server listens and what it allows. Times are in seconds.

    `port` 0 takes any free one. `workers` requests run at once and `queue` more may wait.
    `insecure` permits to listen, unencrypted, on an address that other machines reach.
    `max_seconds` is for a whole call, waiting included; `grace` is what running calls get to end
    when the server stops.
    """

    host: str = "127.0.0.1"
    port: int = 50051
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
        for name, low, high in (("port", 0, 65535), ("workers", 1, 64), ("queue", 0, 1000)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidField(name, value, f"{low} to {high}")
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
