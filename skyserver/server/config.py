"""What a server is told: where it listens and what it allows.

A field of `ServerConfig` is all that a setting needs: from it come the flag of `skyserver serve`,
the variable `SKYSERVER_...`, the key in a file, and the line of `--show-config`
(config_sources.py).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from skyserver.decode import MAX_PIXELS
from skyserver.errors import InvalidField
from skyserver.hosts import is_loopback

CONCURRENCY: Final = (1, 1000)  # the range of calls of one client at once,
RATE: Final = (1, 100_000)  # and a minute

_MIB: Final = 2**20
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1


def _sendable(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not (16 <= len(text) <= 256 and _TOKEN.fullmatch(text)):
        raise ValueError("16 to 256 of A-Z a-z 0-9 . _ ~ + / - and = at the end")
    return token


Token: TypeAlias = Annotated[SecretStr, AfterValidator(_sendable)]


def _setting(help: str, low: float | None = None, high: float | None = None) -> Any:
    """Return what pydantic is to know of a field: its line of help, and the range of a number."""
    return Field(description=help, ge=low, le=high)


class ServerConfig(BaseModel):
    """Where a server listens and what it allows. Times are in seconds.

    Only values that are allowed make one; text is taken for what it says ("8080" for 8080).

    Raises:
        InvalidField: a value is not allowed, or a name is unknown.

    """

    # built when the first one is made: most commands of the command line make none
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    host: Annotated[str, _setting("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _setting("Of gRPC, 0 for any free one.", 0, 65535)] = 50051
    http: Annotated[bool, _setting("Serve the web page and gRPC-Web.")] = True
    http_port: Annotated[
        int, _setting("Of the web page and gRPC-Web, 0 for any free one.", 0, 65535)
    ] = 8080
    cors_origins: Annotated[
        tuple[str, ...],
        _setting(
            'Let web pages of this origin call, as in https://example.org, "*" for all. By default'
            " none may."
        ),
    ] = ()

    certificate: Annotated[
        Path | None, _setting("TLS: PEM file of the certificate, its chain after it.")
    ] = None
    key: Annotated[Path | None, _setting("TLS: PEM file of its private key.")] = None
    client_ca: Annotated[
        Path | None,
        _setting("Mutual TLS: PEM file of the authorities whose clients may connect."),
    ] = None
    tokens: Annotated[
        Path | None, _setting("TOML file of the tokens that callers need, with their limits.")
    ] = None
    token: Annotated[
        Token | None, _setting("One token that callers need; in the environment, no flag.")
    ] = None
    insecure: Annotated[bool, _setting("Let other machines in, unencrypted, unasked.")] = False

    models: Annotated[
        tuple[Path, ...],
        _setting("Model file, the first is the default one. By default that of the package."),
    ] = ()
    models_dir: Annotated[
        Path | None, _setting("Folder of the model files that may be loaded while it runs.")
    ] = None
    backend: Annotated[
        str, _setting("What computes the pictures; auto takes the best that is here.")
    ] = "auto"

    workers: Annotated[
        int, _setting("Requests that draw at once; as many others are finished meanwhile.", 1, 64)
    ] = 1
    queue: Annotated[int, _setting("Requests that may wait; one more is refused.", 0, 1000)] = 16
    processes: Annotated[
        int, _setting("Processes that share the ports, each with workers and a queue.", 1, 64)
    ] = 1
    cache_bytes: Annotated[
        int, _setting("Of the latest skies, which are kept and sent again.", 0, 64 * 1024 * _MIB)
    ] = 64 * _MIB
    sending_bytes: Annotated[
        int,
        _setting(
            "Of answers being sent; while there are more, nothing is drawn.", 1, 64 * 1024 * _MIB
        ),
    ] = 256 * _MIB
    concurrency: Annotated[
        int | None,
        _setting("Calls of one client at once, where its token says nothing else.", *CONCURRENCY),
    ] = None
    requests_per_minute: Annotated[
        int | None,
        _setting("Calls of one client, where its token says nothing else.", *RATE),
    ] = None
    max_upload_bytes: Annotated[
        int, _setting("Of all images of a request together.", 1, 1024 * _MIB)
    ] = 64 * _MIB
    max_pixels: Annotated[int, _setting("Of an uploaded image.", 1, MAX_PIXELS)] = MAX_PIXELS
    max_seconds: Annotated[
        float, _setting("Seconds for a whole call, waiting included.", 0.001, 86400)
    ] = 120.0
    grace: Annotated[
        float, _setting("Seconds that calls under way get to end when it stops.", 0, 3600)
    ] = 20.0
    traces: Annotated[
        bool, _setting("Send traces of calls to an OpenTelemetry collector; OTEL_* say where.")
    ] = False

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _invalid_field(error) from None

    @property
    def shares_ports(self) -> bool:
        """Whether several processes listen on the same ports."""
        return self.processes > 1

    @property
    def max_message_bytes(self) -> int:
        """An upload and room for the fields beside it, so that a small excess is named as such."""
        return self.max_upload_bytes + _MIB

    @property
    def asks_for_tokens(self) -> bool:
        """Whether callers need one."""
        return self.tokens is not None or self.token is not None

    @field_validator("cors_origins", "models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Several values in one variable stand between commas."""
        return value.split(",") if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise InvalidField("cors_origins", origin, "* or as in https://example.org:8443")
        return origins

    @field_validator("processes")
    @classmethod
    def _check_processes(cls, processes: int) -> int:
        if processes > 1 and sys.platform != "linux":
            raise InvalidField("processes", processes, "1 here; only Linux shares a port fairly")
        return processes

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.certificate is None and (self.key or self.client_ca):
            raise InvalidField("certificate", None, "a PEM file; the key or client_ca needs it")
        if self.certificate is not None and self.key is None:
            raise InvalidField("key", None, f"a PEM file, the key of {self.certificate}")
        is_safe = self.certificate is not None and self.asks_for_tokens
        if not (self.insecure or is_safe or is_loopback(self.host)):
            raise InvalidField(
                "host",
                self.host,
                "127.0.0.1, ::1 or localhost; any other with --certificate, --key and --tokens, or"
                " with --insecure",
            )
        return self


def is_secret(name: str) -> bool:
    """Whether the field is shown nowhere, and has no flag: who lists processes would read it."""
    return SecretStr in _parts(ServerConfig.model_fields[name].annotation)


def _parts(kind: Any) -> set[Any]:
    """Return the types that a type is made of."""
    return {kind}.union(*map(_parts, get_args(kind)))


def _invalid_field(error: ValidationError) -> InvalidField:
    """Return the first thing that pydantic found wrong, without the value where it is a secret."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return InvalidField(name, "unknown name", ", ".join(ServerConfig.model_fields))
    given = "a secret" if is_secret(name) else first["input"]
    return InvalidField(name, given, _allowed(name, first["msg"].removeprefix("Value error, ")))


def _allowed(name: str, message: str) -> str:
    """Say which range a number has; what pydantic says where it is not a matter of range."""
    field = ServerConfig.model_fields.get(name)
    bounds = {} if field is None else {type(one).__name__: one for one in field.metadata}
    if {"Ge", "Le"} <= bounds.keys():
        return f"{bounds['Ge'].ge} to {bounds['Le'].le}"
    return message
