"""The file of tokens.

[[token]]
name = "anna"                  # in the log and the metrics; 1 to 64 of A-Z a-z 0-9 . _ -
sha256 = "9f86d081..."         # of the token, in hexadecimal; or the token itself, as `token`
admin = true                   # may load and unload models; by default not
concurrency = 4                # calls at once; by default the server's `concurrency`
requests_per_minute = 60       # by default the server's `requests_per_minute`
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skyserver.errors import InvalidField
from skyserver.server.access import ADMIN, ANONYMOUS, DRAW, Caller, Limits
from skyserver.server.config import CONCURRENCY, RATE, Token
from skyserver.server.config_sources import check_names, read_toml


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    token: Token | None = None
    admin: bool = False
    concurrency: Annotated[int, Field(ge=CONCURRENCY[0], le=CONCURRENCY[1])] | None = None
    requests_per_minute: Annotated[int, Field(ge=RATE[0], le=RATE[1])] | None = None


def read_tokens(file: Path, default: Limits) -> dict[str, Caller]:
    """Return the callers of a file by the SHA-256 of their tokens.

    Raises:
        InvalidField: the file cannot be read or is not one; no value of it is told.

    """
    content = read_toml(file)
    check_names(str(file), content, ["token"])
    tables = content.get("token")
    if not isinstance(tables, list) or not tables:
        raise InvalidField(str(file), "no token", "one [[token]] or more")
    callers: dict[str, Caller] = {}
    for number, table in enumerate(tables):
        where = f"{file}: token {number + 1}"
        entry = _entry(where, table)
        digest = _digest(where, entry)
        names = {ANONYMOUS, *(known.name for known in callers.values())}
        if digest in callers or entry.name in names:
            raise InvalidField(where, entry.name, "a name and a token that no other has")
        callers[digest] = _caller(entry, default)
    return callers


def _entry(where: str, table: object) -> _Entry:
    if not isinstance(table, dict):
        raise InvalidField(where, type(table).__name__, "a table [[token]]")
    check_names(where, table, _Entry.model_fields)
    try:
        return _Entry(**table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"][:1]))
        raise InvalidField(where, name, first["msg"].removeprefix("Value error, ")) from None


def _digest(where: str, entry: _Entry) -> str:
    if entry.token is not None and entry.sha256 is None:
        return sha256(entry.token.get_secret_value().encode()).hexdigest()
    if entry.sha256 is None or entry.token is not None:
        raise InvalidField(where, entry.name, "either sha256 or token")
    return entry.sha256


def _caller(entry: _Entry, default: Limits) -> Caller:
    return Caller(
        entry.name,
        frozenset({DRAW, ADMIN} if entry.admin else {DRAW}),
        Limits(
            default.concurrency if entry.concurrency is None else entry.concurrency,
            default.requests_per_minute
            if entry.requests_per_minute is None
            else entry.requests_per_minute,
        ),
    )
