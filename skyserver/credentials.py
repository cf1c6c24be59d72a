"""What a client shows a server, and whom it trusts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

import grpc

from skyserver.errors import InvalidField
from skyserver.hosts import host_of, is_loopback
from skyserver.v1 import skyserver_pb2

PUBLIC_AUTHORITIES: Final = b""  # as `authorities`: those that gRPC trusts by itself

_SERVICE: Final = skyserver_pb2.DESCRIPTOR.services_by_name["SkyServer"].full_name
_RETRIES: Final = {
    "methodConfig": [
        {
            "name": [{"service": _SERVICE}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "backoffMultiplier": 2,
                "maxBackoff": "1s",
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
_OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),  # a proxy cannot reach this machine's loopback
    ("grpc.service_config", json.dumps(_RETRIES)),
    # or one who stays would hear of a server that is back two minutes later
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
)


@dataclass(frozen=True)
class Credentials:
    """How to connect to a server.

    `token` is sent with every call. With `authorities` (PEM, or `PUBLIC_AUTHORITIES`) the
    connection is TLS, and the server's certificate must be of one of them. `certificate` and `key`
    (PEM) are shown to a server that asks for them (mutual TLS).
    """

    token: str = field(default="", repr=False)
    authorities: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def channel(self, address: str) -> grpc.Channel:
        """Return a channel to `host:port`.

        A call that finds nobody, or loses its connection before the server has said anything, is
        made again, three times within a second (gRFC A6): another process of the server may answer.
        One that the server has begun to answer is not: it ends as UNAVAILABLE.

        Raises:
            InvalidField: as `check` says.

        """
        self.check(address)
        if self.authorities is None:
            return grpc.insecure_channel(address, options=_OPTIONS)
        tls = grpc.ssl_channel_credentials(self.authorities or None, self.key, self.certificate)
        return grpc.secure_channel(address, tls, options=_OPTIONS)

    def check(self, address: str) -> None:
        """Look whether they may be used with `host:port`.

        Raises:
            InvalidField: a token would be sent to another machine for everybody to read, or of
                certificate and key there is one alone.

        """
        if (self.certificate is None) != (self.key is None):
            raise InvalidField("certificate", "one alone", "a certificate with its key")
        if self.authorities is None and self.token and not _is_here(address):
            raise InvalidField("server", address, "this machine, or TLS (--ca), with a token")


def _is_here(address: str) -> bool:
    try:
        return is_loopback(host_of(address))
    except ValueError:
        return False
