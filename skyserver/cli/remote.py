"""The server that a command asks, as its options name it."""

from __future__ import annotations

import contextlib
import os
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skyserver import pem
from skyserver.errors import InvalidField, ServerUnavailable, Unauthenticated

if TYPE_CHECKING:  # gRPC takes its time to import, and most commands need no server
    from skyserver.client import SkyClient
    from skyserver.credentials import Credentials

TOKEN_VARIABLE: Final = "SKYSERVER_TOKEN"
PUBLIC: Final = "public"  # as --ca

_LARGEST_PAGE: Final = 16 * 2**20  # bytes
_PAGE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Remote:
    """The values of `--server`, `--token-file`, `--ca`, `--certificate` and `--key`."""

    server: str
    token_file: Path | None
    ca: str | None
    certificate: Path | None
    key: Path | None

    def connect(self) -> SkyClient:
        """Return a client of the server.

        Raises:
            InvalidField: a file cannot be read, or is not what it should be.
            ServerUnavailable, Unauthenticated: as `SkyClient` says.

        """
        from skyserver.client import SkyClient

        return SkyClient(self.server, self._credentials())

    def page(self, path: str) -> str:
        """Return what the server has at a path of its HTTP port.

        Raises:
            InvalidField: as of `connect`.
            ServerUnavailable: nobody answers, or with something else.
            Unauthenticated: the server does not know the token.

        """
        credentials = self._credentials()
        credentials.check(self.server)
        try:
            with contextlib.closing(self._http()) as connection:
                connection.request("GET", path, headers=dict(credentials.metadata))
                response = connection.getresponse()
                text = response.read(_LARGEST_PAGE).decode("utf-8", "replace")
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            silence = f"{self.server}: no SkyServer answers HTTP ({reason})"
            raise ServerUnavailable(silence) from None
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise Unauthenticated(f"{self.server}: a token is needed that the server knows")
        if response.status != HTTPStatus.OK:
            raise ServerUnavailable(f"{self.server}{path}: HTTP status {response.status}")
        return text

    def _http(self) -> HTTPConnection:
        if self.ca is None:
            return HTTPConnection(self.server, timeout=_PAGE_SECONDS)
        tls = ssl.create_default_context(cafile=None if self.ca == PUBLIC else self.ca)
        if self.certificate is not None:
            tls.load_cert_chain(self.certificate, self.key)
        return HTTPSConnection(self.server, timeout=_PAGE_SECONDS, context=tls)

    def _credentials(self) -> Credentials:
        from skyserver.credentials import Credentials

        certificate, key = self._pair()
        return Credentials(self._token(), self._authorities(), certificate, key)

    def _authorities(self) -> bytes | None:
        from skyserver.credentials import PUBLIC_AUTHORITIES

        if self.ca is None:
            return None
        return PUBLIC_AUTHORITIES if self.ca == PUBLIC else pem.read_certificates(Path(self.ca))

    def _pair(self) -> tuple[bytes, bytes] | tuple[None, None]:
        if self.certificate is not None and self.key is not None:
            return pem.read_pair(self.certificate, self.key)
        if self.certificate is not None or self.key is not None:
            raise InvalidField("certificate", "one alone", "--certificate and --key together")
        return None, None

    def _token(self) -> str:
        text = os.environ.get(TOKEN_VARIABLE, "")
        if self.token_file is not None:
            text = _read(self.token_file).decode("ascii", "replace").strip()
        if not text.isascii() or any(character.isspace() for character in text):
            name = str(self.token_file or TOKEN_VARIABLE)
            raise InvalidField(name, "another text", "a token alone, in ASCII")
        return text


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidField(str(file), error.strerror, "a file that can be read") from None
