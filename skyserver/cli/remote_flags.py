"""The flags of a command that may let a server do the work: five, for its parameter `remote`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, get_type_hints

from skyserver.cli import options
from skyserver.cli.remote import Remote

_FLAGS: Final = {
    "server": options.Server,
    "token_file": options.TokenFile,
    "ca": options.Ca,
    "certificate": options.Certificate,
    "key": options.Key,
}


def with_remote_flags(run: Callable[..., None]) -> Callable[..., None]:
    """Return `run` as a command with --server and its like where `run` has `remote`.

    That is the server which they name, or None without --server.
    """

    def command(**given: Any) -> None:
        flags = {name: given.pop(name) for name in _FLAGS}
        run(**given, remote=None if flags["server"] is None else Remote(**flags))

    kinds = get_type_hints(run, include_extras=True)
    parameters: list[inspect.Parameter] = []
    for one in inspect.signature(run).parameters.values():
        if one.name == "remote":
            parameters += [
                inspect.Parameter(name, one.kind, default=None, annotation=kind)
                for name, kind in _FLAGS.items()
            ]
        else:
            parameters.append(one.replace(annotation=kinds[one.name]))
    command.__name__, command.__doc__ = run.__name__, run.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # for typer
    return command
