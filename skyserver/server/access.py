"""Who makes a call, and what a caller may do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from skyserver.errors import PermissionDenied

ADMIN: Final = "admin"  # permissions: to load and unload models,
DRAW: Final = "draw"  # and all the rest
ANONYMOUS: Final = "anonymous"  # the name of every caller where no tokens are asked for


@dataclass(frozen=True)
class Limits:
    """How much of a server one client may take; None is without limit."""

    concurrency: int | None = None
    requests_per_minute: int | None = None


@dataclass(frozen=True)
class Caller:
    """Who makes a call: the name of the token, what it permits, and how often."""

    name: str
    permissions: frozenset[str]
    limits: Limits

    def require(self, permission: str) -> None:
        """Raise `PermissionDenied` unless the caller has the permission."""
        if permission not in self.permissions:
            raise PermissionDenied(
                f"{self.name} lacks the permission {permission}, which a token has"
            )


# of calls that are refused for want of a token
STRANGER: Final = Caller("", frozenset(), Limits())

at_hand: Final[ContextVar[Caller]] = ContextVar("caller")  # guard.py sets it


def caller() -> Caller:
    """Return who makes the call that runs in this context.

    Raises:
        LookupError: no call runs in it.

    """
    return at_hand.get()
