"""What may be asked of a cluster: how many replicas there are, and what each may use."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from skyserver.errors import InvalidField
from skyserver.server.config import ServerConfig

_RANGES: Final = (
    ("min_replicas", 1, 10_000),
    ("max_replicas", 1, 10_000),
    ("cpus", 0.1, 1024),
    ("gpus", 0, 64),
)


class Replicas(BaseModel):
    """The arguments of the application, on the command line and in a config file of Ray Serve.

    Ray keeps `min_replicas` to `max_replicas`, so that about as many calls are under way in each as
    it has `workers`. Each takes `cpus` and `gpus` of a machine, of which one may be a fraction.
    `config` is a TOML file with the settings of the server in each; `models`, if any, go before
    those of the file. Files that settings name are at the same paths on all machines.

    Raises:
        InvalidField: a number is out of its range.

    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_replicas: int = 1
    max_replicas: int = 4
    cpus: float = 1.0
    gpus: float = 0.0
    config: Path | None = None
    models: tuple[Path, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidField(name, value, f"{low} to {high}")
        if self.min_replicas > self.max_replicas:
            raise InvalidField("min_replicas", self.min_replicas, f"up to {self.max_replicas}")
        return self


def check_open(config: ServerConfig) -> None:
    """Raise `InvalidField` unless other machines are let in unencrypted: Ray's ingress does it."""
    if not config.insecure:
        raise InvalidField(
            "insecure",
            False,
            "true: Ray's ingress listens unencrypted on all addresses of its machines, so keep"
            " them in a network of their own, with TLS in front",
        )
