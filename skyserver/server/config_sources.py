"""Where the values of a configuration come from: flags, the environment, a file.

A value is taken from the first of them that has it, else it is the default of `ServerConfig`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from skyserver.errors import InvalidField
from skyserver.server.config import ServerConfig

PREFIX: Final = "SKYSERVER_"


@dataclass(frozen=True)
class Origins:
    """A configuration, and for each field that is not the default where it comes from."""

    config: ServerConfig
    names: Mapping[str, str]

    def lines(self) -> list[tuple[str, str, str]]:
        """Return (field, value, origin) of every field; a secret is not shown."""
        return [
            (name, shown(getattr(self.config, name)), self.names.get(name, "default"))
            for name in ServerConfig.model_fields
        ]


def read_config(flags: Mapping[str, Any], file: Path | None = None) -> Origins:
    """Return the configuration. `flags` have the names of fields.

    Raises:
        InvalidField: a value is not allowed, a key of the file or a variable unknown, or the file
            is not one that can be read.

    """
    environment = _environment()
    sources = [
        {name: (value, flag_of(name)) for name, value in flags.items()},
        {name: (value, PREFIX + name.upper()) for name, value in environment.items()},
        {name: (value, str(file)) for name, value in _read(file).items()} if file else {},
    ]
    found = {name: entry for source in reversed(sources) for name, entry in source.items()}
    origins = {name: origin for name, (_, origin) in found.items()}
    try:
        config = ServerConfig(**{name: value for name, (value, _) in found.items()})
    except InvalidField as error:
        place = f" ({origins[error.field]})" if error.field in origins else ""
        raise InvalidField(error.field + place, error.given, error.allowed) from None
    return Origins(config, origins)


def flag_of(name: str) -> str:
    """Return the flag of a field; one of several values, given once for each, has the singular."""
    singular = name.removesuffix("s") if takes_several(name) else name
    return "--" + singular.replace("_", "-")


def takes_several(name: str) -> bool:
    """Whether the field is a tuple."""
    return isinstance(ServerConfig.model_fields[name].default, tuple)


def shown(value: Any) -> str:
    """Return a value of a configuration as text."""
    if value is None or value == ():
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _environment() -> dict[str, str]:
    upper = {name.upper(): value for name, value in os.environ.items()}
    ours = {name: value for name, value in upper.items() if name.startswith(PREFIX)}
    allowed = {PREFIX + name.upper(): name for name in ServerConfig.model_fields}
    check_names("environment", ours, allowed)
    return {allowed[name]: value for name, value in ours.items()}


def _read(file: Path) -> dict[str, Any]:
    values = read_toml(file)
    check_names(str(file), values, ServerConfig.model_fields)
    return values


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a file says.

    Raises:
        InvalidField: it cannot be read, or is no TOML.

    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidField(str(file), error.strerror, "a file that can be read") from None
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(")[2].rstrip(")")  # the rest may quote what it says
        raise InvalidField(str(file), f"an error {place}", "a TOML file") from None
    except UnicodeDecodeError:
        raise InvalidField(str(file), "binary", "a TOML file") from None
    except (RecursionError, ValueError):  # brackets in brackets, or a number that fills pages
        raise InvalidField(str(file), "more than can be read", "a TOML file") from None


def check_names(place: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise `InvalidField` for the first name that is unknown, with the known one most like it."""
    known = list(allowed)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0)[0]
            raise InvalidField(place, name, f"{near}, which is the nearest name")
