"""The command line, `skyserver --help`.

Exit codes: 0 done; 1 the work failed; 2 the command is wrong (an unknown option, a value that is
not allowed, a cloud type or model that does not exist, a port in use, a library that is not
installed); 130 interrupted with Ctrl-C.
Results go to stdout, everything else to stderr; an error is one line, `error: ...`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from skyserver import __version__
from skyserver.cli.bench import bench
from skyserver.cli.clouds import clouds
from skyserver.cli.cluster import cluster
from skyserver.cli.convert import convert
from skyserver.cli.demo import demo
from skyserver.cli.generate import generate
from skyserver.cli.models import models
from skyserver.cli.serve import serve
from skyserver.cli.top import top
from skyserver.cli.unity_package import unity_package
from skyserver.cli.web_page import web_page
from skyserver.errors import (
    CannotListen,
    InvalidField,
    MissingExtra,
    NotFound,
    SkyServerError,
    UnreadableImage,
)


class _OneLineErrors(TyperGroup):
    """Ends every command that fails with one line and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SkyServerError as error:
            typer.echo(f"error: {_with_request(error)}", err=True)
            wrong_command = isinstance(error, (InvalidField, NotFound, CannotListen, MissingExtra))
            unreadable = isinstance(error, UnreadableImage)
            raise typer.Exit(2 if wrong_command and not unreadable else 1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def _with_request(error: SkyServerError) -> str:
    """Return the message, and what finds the call in a server's log where that raised it."""
    text = str(error)
    return text if error.request_id in text else f"{text} (request {error.request_id})"


app = typer.Typer(
    name="skyserver",
    cls=_OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 1 the work failed, 2 the command is wrong, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"skyserver {__version__}")
        raise typer.Exit


@app.callback()
def _skyserver(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Pick a cloud type, get a seamless skybox."""


COMMANDS: Final = (
    generate,
    convert,
    clouds,
    models,
    bench,
    serve,
    top,
    cluster,
    demo,
    unity_package,
    web_page,
)
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Run the command line of this process and exit."""
    app()
