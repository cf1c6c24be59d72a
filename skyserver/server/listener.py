"""A socket that listens, or one line that says why not."""

from __future__ import annotations

import os
import socket

from skyserver.errors import CannotListen


def address_of(host: str, port: int) -> str:
    """Return `host:port` as a client writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def bind(host: str, port: int, shared: bool = False) -> socket.socket:
    """Return a TCP socket bound to an address, any free port for 0.

    `shared` lets others of the same user that say so too listen there as well (Linux).

    Raises:
        CannotListen: the port is taken, or the address is not one of this machine.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # connections of the past do not hold the port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror
        raise CannotListen(f"cannot listen on {address_of(host, port)}: {reason}") from None
    return listener
