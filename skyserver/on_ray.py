"""The way to a Ray cluster, for whatever runs on one."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from skyserver.errors import InvalidField, MissingExtra, SkyServerError

_PATIENCE: Final = 5.0  # seconds; Ray itself tries for minutes


def connect(
    address: str | None = None, environment: Mapping[str, str] = MappingProxyType({})
) -> Any:
    """Return the module `ray`, connected to the cluster at `address` (host:port).

    Without an address it is the one that RAY_ADDRESS names, else a new one on this machine alone,
    which ends with this process and has `environment` in its own.

    Raises:
        MissingExtra: Ray is not installed.
        InvalidField: nothing answers at the address.
        SkyServerError: Ray does not start on this machine.

    """
    # Ray reports its use to its makers unless told not to
    for name, value in {"RAY_USAGE_STATS_ENABLED": "0", **environment}.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise MissingExtra("Ray is not installed: pip install skyserver[cluster]") from None
    wanted = address or os.environ.get("RAY_ADDRESS")
    if wanted is not None:
        _check_answers(wanted)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        # "local": or it would join whatever cluster was last started on this machine
        ray.init(wanted or "local", include_dashboard=None if wanted else False, **quiet)
    except Exception as error:  # Ray raises no narrower one
        if wanted is not None:
            raise _silence(wanted) from None
        raise SkyServerError(f"Ray does not start here: {str(error).splitlines()[0]}") from None
    return ray


def _check_answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise _silence(address)
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError):
        raise _silence(address) from None


def _silence(address: str | None) -> InvalidField:
    return InvalidField(
        "address",
        address,
        "host:port of a Ray cluster that answers, has this machine in it, and lets it in (where it"
        " asks for a token: RAY_AUTH_MODE=token)",
    )
