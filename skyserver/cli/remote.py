"""The server that a command asks, as its options name it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skyserver import pem
from skyserver.errors import InvalidField

if TYPE_CHECKING:  # gRPC takes its time to import, and most commands need no server
    from skyserver.client import SkyClient

TOKEN_VARIABLE: Final = "SKYSERVER_TOKEN"
PUBLIC: Final = "public"  # as --ca


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
        from skyserver.credentials import Credentials

        certificate, key = self._pair()
        credentials = Credentials(self._token(), self._authorities(), certificate, key)
        return SkyClient(self.server, credentials)

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
