"""What the name or address of a machine says about where it is."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`. A name other than localhost could be anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_of(address: str) -> str:
    """Return the host of `host:port`, in lower case; an IPv6 address without its brackets.

    Raises:
        ValueError: it is no address.

    """
    return urlsplit(f"//{address}").hostname or ""


def names_this_server(host: str, listening: str) -> bool:
    """Whether a Host header can only mean the server that listens on the host `listening`.

    An address can, and a name that is known here; any other name its owner may have resolve to this
    machine (DNS rebinding).
    """
    try:
        name = host_of(host)
        if name not in ("localhost", listening):
            ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
