"""TLS from PEM files, which may be replaced while the server runs."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from skyserver import pem
from skyserver.errors import InvalidField
from skyserver.server.reloading import Reloading


@dataclass(frozen=True)
class _Pair:
    """A certificate and its key, as each of the two servers wants them."""

    for_grpc: Any
    for_http: ssl.SSLContext
    valid_until: str


class Tls:
    """A certificate with its key and, for mutual TLS, the authorities of the clients.

    Each new connection is given what is in the files then; connections that stand are not touched.

    Raises:
        InvalidField: a file cannot be read or is not what it should be, the key is that of another
            certificate, or the certificate is not valid today.

    """

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None) -> None:
        self._certificate = certificate
        self._key = key
        self._client_ca = client_ca
        files = [certificate, key] if client_ca is None else [certificate, key, client_ca]
        self._pair = Reloading(files, self._load)

    @property
    def valid_until(self) -> str:
        """When the certificate that is in use expires."""
        return self._pair().valid_until

    def for_grpc(self) -> grpc.ServerCredentials:
        """Return the credentials of a gRPC port."""
        given = self._pair()

        def fetch() -> Any:
            """Return what has changed since the last time."""
            nonlocal given
            before, given = given, self._pair()
            return None if given is before else given.for_grpc

        return grpc.dynamic_ssl_server_credentials(
            given.for_grpc, fetch, require_client_authentication=self._client_ca is not None
        )

    def for_http(self) -> ssl.SSLContext:
        """Return the context of an HTTP port."""

        def choose(connection: ssl.SSLObject, _name: object, _context: object) -> None:
            connection.context = self._pair().for_http

        context = self._context()
        context.sni_callback = choose  # called for clients that name no server, too
        return context

    def _load(self) -> _Pair:
        chain, key = pem.read_pair(self._certificate, self._key)
        authorities = self._client_ca and pem.read_certificates(self._client_ca)
        return _Pair(
            grpc.ssl_server_certificate_configuration([(key, chain)], authorities),
            self._context(),
            self._end_of_validity(),
        )

    def _context(self) -> ssl.SSLContext:
        context = _server_context(self._certificate, self._key)
        if self._client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            pem.trust(context, self._client_ca)
        return context

    def _end_of_validity(self) -> str:
        """Return until when the certificate is valid, as a client sees it that trusts it.

        Raises:
            InvalidField: it is not valid.

        """
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # who signed it is not asked
        pem.trust(client, self._certificate)
        try:
            seen = _certificate_seen(client, _server_context(self._certificate, self._key))
        except ssl.SSLCertVerificationError as error:
            allowed = "a certificate that a server may use today"
            raise InvalidField(str(self._certificate), error.verify_message, allowed) from None
        return str(seen["notAfter"])


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    pem.show(context, certificate, key)
    return context


def _certificate_seen(client: ssl.SSLContext, server: ssl.SSLContext) -> dict[str, Any]:
    """Return the server's certificate after a handshake of the two in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_end = client.wrap_bio(to_client, to_server)
    server_end = server.wrap_bio(to_server, to_client, server_side=True)
    for end in (client_end, server_end, client_end):
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return client_end.getpeercert() or {}
