"""`skyserver clouds`: the cloud types to choose from."""

from __future__ import annotations

import json

import typer

from skyserver.cli import options
from skyserver.cli.models import describe_models
from skyserver.cli.remote import Remote
from skyserver.cli.remote_flags import with_remote_flags


@with_remote_flags
def clouds(
    model: options.Model = None,
    remote: Remote | None = None,
    as_json: options.Json = False,
) -> None:
    """List the cloud types that a model knows: code, name, how they look."""
    known = describe_models(model, remote)[0]["clouds"]
    if as_json:
        typer.echo(json.dumps(known))
        return
    codes, names = (max(len(cloud[key]) for cloud in known) for key in ("code", "name"))
    for cloud in known:
        typer.echo(f"{cloud['code']:{codes}}  {cloud['name']:{names}}  {cloud['description']}")
