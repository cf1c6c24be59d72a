"""Options of a command that are fields of a configuration."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, get_type_hints

import typer

Command = Callable[..., None]


def with_an_option_for_each_field(
    *kinds: type, besides: tuple[str, ...]
) -> Callable[[Command], Command]:
    """Replace a command's `**options` by one for each field; None where it is not given.

    `besides` names fields that have no such option.
    """

    def replace(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True)
        parameters = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
        parameters += [p for kind in kinds for p in _parameters(kind, besides)]
        command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return replace


def _parameters(kind: type, besides: tuple[str, ...]) -> list[inspect.Parameter]:
    types = get_type_hints(kind)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                types[field.name] | None, typer.Option(help=field.metadata.get("help"))
            ],
        )
        for field in fields(kind)
        if field.name not in besides
    ]
