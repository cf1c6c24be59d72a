"""Every error that SkyServer raises on purpose.

    SkyServerError            INTERNAL
    ├── InvalidField          INVALID_ARGUMENT     a field is outside what is allowed
    │   └── UnreadableImage   INVALID_ARGUMENT     an uploaded image is not one, or not a safe one
    ├── NotFound              NOT_FOUND            unknown cloud type or model
    ├── Busy                  RESOURCE_EXHAUSTED   the queue is full; `retry_after` seconds
    │   └── OverLimit         RESOURCE_EXHAUSTED   the client has its share; the same
    ├── DeadlineExceeded      DEADLINE_EXCEEDED    the caller's time ran out
    ├── Cancelled             CANCELLED            the caller went away
    ├── ModelError            FAILED_PRECONDITION  a model file is corrupt, foreign or unsafe
    ├── MissingExtra          FAILED_PRECONDITION  an optional library is not installed
    ├── OutputError           FAILED_PRECONDITION  a file or folder cannot be written
    ├── Unauthenticated       UNAUTHENTICATED      the server asks for a token, or for another one
    ├── PermissionDenied      PERMISSION_DENIED    the token is not one for this call
    └── ServerUnavailable     UNAVAILABLE          nobody answers, or somebody else does
        └── CannotListen      UNAVAILABLE          the port is taken, or not one of this machine

A message is one line: it names the field or file, what was given and what is allowed.
"""

from __future__ import annotations

from typing import Any


class SkyServerError(Exception):
    """Base of the tree; `status` is the name of the gRPC status that carries it.

    `request_id` finds the call in the log of the server that raised it; it is empty for an error
    from here.
    """

    status = "INTERNAL"
    request_id = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross a process border as it is: by default `__init__` would be given the message."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class InvalidField(SkyServerError):
    """A field has a value that is not allowed.

    `field` is the path a caller would write (`outputs[0].size`); `given` and `allowed` are shown
    as text.
    """

    status = "INVALID_ARGUMENT"

    def __init__(self, field: str, given: object, allowed: str) -> None:
        self.field, self.given, self.allowed = field, given, allowed
        super().__init__(f"{field}: {_short(given)} is not allowed; allowed: {allowed}")


class UnreadableImage(InvalidField):
    """Bytes that are not an image, not a whole one, or not one that is safe to decode."""


class NotFound(SkyServerError):
    """A cloud type or model that does not exist; the message lists those that do."""

    status = "NOT_FOUND"

    def __init__(self, field: str, given: object, known: list[str]) -> None:
        self.field, self.given, self.known = field, given, known
        super().__init__(f"{field}: {_short(given)} is unknown; known: {', '.join(known)}")


class Busy(SkyServerError):
    """The queue is full. Ask again after `retry_after` seconds."""

    status = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class OverLimit(Busy):
    """The client has as many calls under way, or has made as many, as one client may."""


class DeadlineExceeded(SkyServerError):
    """The caller's deadline passed before the work was done."""

    status = "DEADLINE_EXCEEDED"


class Cancelled(SkyServerError):
    """The caller cancelled or went away."""

    status = "CANCELLED"


class ModelError(SkyServerError):
    """A model file that cannot be served."""

    status = "FAILED_PRECONDITION"


class MissingExtra(SkyServerError):
    """A feature needs an optional library: the message names it and how to install it."""

    status = "FAILED_PRECONDITION"


class OutputError(SkyServerError):
    """A file or folder that cannot be written."""

    status = "FAILED_PRECONDITION"


class Unauthenticated(SkyServerError):
    """The server asks for a token: none was sent, or one that it does not know."""

    status = "UNAUTHENTICATED"


class PermissionDenied(SkyServerError):
    """The token is known, and not one for this call."""

    status = "PERMISSION_DENIED"


class ServerUnavailable(SkyServerError):
    """No SkyServer answers at an address."""

    status = "UNAVAILABLE"


class CannotListen(ServerUnavailable):
    """The port to listen on is taken, or the address is not one of this machine."""


def _short(value: object, limit: int = 60) -> str:
    """`repr` on one line, cut to `limit` characters: `value` may come from outside."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
