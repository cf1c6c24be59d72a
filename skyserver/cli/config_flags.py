"""The flags of a command that runs a server: one for each field of `ServerConfig`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from skyserver.server.config import ServerConfig, is_secret
from skyserver.server.config_sources import Origins, flag_of, read_config, takes_several

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="TOML file of these settings.")
]
ShowConfig = Annotated[
    bool,
    typer.Option("--show-config", help="Print every setting and where it comes from, and end."),
]


def with_config_flags(run: Callable[[ServerConfig], None]) -> Callable[..., None]:
    """Return `run` as a command whose flags, environment and file make its configuration."""

    def command(config: Path | None, show_config: bool, **flags: Any) -> None:
        given = {name: value for name, value in flags.items() if value not in (None, [])}
        origins = read_config(given, config)
        if show_config:
            _show(origins)
        else:
            run(origins.config)

    parameters = {
        **{name: (_flag(name), None) for name in ServerConfig.model_fields if not is_secret(name)},
        "config": (ConfigFile, None),
        "show_config": (ShowConfig, False),
    }
    command.__name__, command.__doc__ = run.__name__, run.__doc__
    command.__annotations__ = {name: kind for name, (kind, _) in parameters.items()}
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # typer reads it
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=value)
            for name, (kind, value) in parameters.items()
        ]
    )
    return command


def _flag(name: str) -> Any:
    """Return what typer needs to know. Values stay text: `ServerConfig` reads them all alike."""
    field, flag = ServerConfig.model_fields[name], flag_of(name)
    help = field.description or ""
    if field.default is True or field.default is False:
        switch = f"{flag}/--no-{flag.removeprefix('--')}"
        return Annotated[bool | None, typer.Option(switch, help=help, show_default=False)]
    if takes_several(name):
        again = f"{help} Again for more."
        return Annotated[list[str] | None, typer.Option(flag, metavar="VALUE", help=again)]
    if field.default is not None:
        help += f" By default {field.default}."
    return Annotated[str | None, typer.Option(flag, metavar="VALUE", help=help)]


def _show(origins: Origins) -> None:
    lines = [("setting", "value", "from"), *origins.lines()]
    names, values = (max(len(line[column]) for line in lines) for column in (0, 1))
    for name, value, origin in lines:
        typer.echo(f"{name:{names}}  {value:{values}}  {origin}")
