"""The way to a Ray cluster, for whatever runs on one."""

from __future__ import annotations

import logging
import os
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

from skyserver.errors import InvalidField, MissingExtra


def connect(address: str | None = None) -> Any:
    """Return the module `ray`, connected to the cluster at `address`.

    Without an address it is the one that RAY_ADDRESS names, else a new one on this machine alone,
    which ends with this process.

    Raises:
        MissingExtra: Ray is not installed.
        InvalidField: nothing answers at the address.

    """
    # Ray reports its use to its makers unless told not to
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise MissingExtra("Ray is not installed: pip install skyserver[cluster]") from None
    wanted = address or os.environ.get("RAY_ADDRESS")
    try:
        with redirect_stderr(StringIO()):  # it prints what it tries next, many lines long
            ray.init(
                wanted,
                include_dashboard=None if wanted else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
    except (ConnectionError, ValueError, RuntimeError):
        raise InvalidField("address", wanted, "that of a Ray cluster which answers") from None
    return ray
