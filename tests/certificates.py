"""Certificates for tests, of an authority of their own."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import trustme


@dataclass(frozen=True)
class Files:
    """A certificate and its key on disk."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates for 127.0.0.1, valid for `days` (expired ones for a negative number)."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.pem: bytes = self._ca.cert_pem.bytes()

    def sign(self, folder: Path, name: str = "server", days: int = 30) -> Files:
        end = datetime.now(UTC) + timedelta(days=days)
        begin = end - timedelta(days=60)
        leaf = self._ca.issue_cert(
            "127.0.0.1", "localhost", common_name=name, not_before=begin, not_after=end
        )
        files = Files(folder / f"{name}.pem", folder / f"{name}.key")
        files.certificate.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        files.key.write_bytes(leaf.private_key_pem.bytes())
        return files

    def file(self, folder: Path) -> Path:
        path = folder / "ca.pem"
        path.write_bytes(self.pem)
        return path

    def client_context(self, own: Files | None = None) -> ssl.SSLContext:
        """What Python's HTTP client needs, with a certificate of its own for mutual TLS."""
        context = ssl.create_default_context(cadata=self.pem.decode())
        if own is not None:
            context.load_cert_chain(own.certificate, own.key)
        return context

    def channel_credentials(self, own: Files | None = None) -> grpc.ChannelCredentials:
        """What a gRPC client needs."""
        if own is None:
            return grpc.ssl_channel_credentials(self.pem)
        key, chain = own.key.read_bytes(), own.certificate.read_bytes()
        return grpc.ssl_channel_credentials(self.pem, key, chain)
