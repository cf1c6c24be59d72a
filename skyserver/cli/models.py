"""`skyserver models`: what draws the skies."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import typer

from skyserver.cli import options
from skyserver.cli.remote import Remote
from skyserver.cli.remote_flags import with_remote_flags
from skyserver.errors import NotFound
from skyserver.model import SkyModel


@with_remote_flags
def models(
    model: options.Model = None,
    remote: Remote | None = None,
    as_json: options.Json = False,
) -> None:
    """Show the facts of the default model, of a model file, or of a server's models."""
    described = describe_models(model, remote)
    if as_json:
        typer.echo(json.dumps(described))
        return
    for facts in described:
        training = facts["training"]
        typer.echo(f"{facts['name']}")
        typer.echo(f"  digest       {facts['digest']}")
        typer.echo(f"  picture      {facts['width']} x {facts['height']}")
        typer.echo(f"  cloud types  {' '.join(cloud['code'] for cloud in facts['clouds'])}")
        typer.echo(f"  licence      {facts['licence']}")
        for key in training:
            typer.echo(f"  {key:11}  {json.dumps(training[key])}")


def describe_models(model: str | None, remote: Remote | None) -> list[dict[str, Any]]:
    """Return the facts of one model file (the default one without a name), or of a server's models.

    With a server, `model` is the name or digest of the one wanted, all of them without it.

    Raises:
        ModelError: the model file cannot be served.
        NotFound: the server has no such model.
        ServerUnavailable: no SkyServer answers there.

    """
    if remote is None:
        facts = asdict(SkyModel.load(model, backend="cpu").info)
        facts["clouds"] = facts.pop("classes")
        return [facts]
    with remote.connect() as client:
        served = client.describe().models
    wanted = [one for one in served if model in (None, one.name, one.digest)]
    if not wanted:
        raise NotFound("model", model, [one.name for one in served])
    return [_facts(one) for one in wanted]


def _facts(model: Any) -> dict[str, Any]:
    """Of a `skyserver.v1.Model` message."""
    return {
        "name": model.name,
        "digest": model.digest,
        "height": model.height,
        "width": model.width,
        "clouds": [
            {"code": cloud.code, "name": cloud.name, "description": cloud.description}
            for cloud in model.clouds
        ],
        "wraps": model.wraps_horizontally,
        "licence": model.licence,
        "training": json.loads(model.training_json or "{}"),
        "backend": model.backend,
    }
