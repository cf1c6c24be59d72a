"""Certificates and keys in PEM files, each named where it is not what it should be."""

from __future__ import annotations

import ssl
from pathlib import Path

from skyserver.errors import InvalidField


def read_certificates(file: Path) -> bytes:
    """Return what a file of certificates says.

    Raises:
        InvalidField: it cannot be read, or has no certificate.

    """
    trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), file)
    return file.read_bytes()


def read_pair(certificate: Path, key: Path) -> tuple[bytes, bytes]:
    """Return a certificate, its chain after it, and its key.

    Raises:
        InvalidField: a file cannot be read or is not one, or they do not belong together.

    """
    show(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate, key)
    return certificate.read_bytes(), key.read_bytes()


def trust(context: ssl.SSLContext, file: Path) -> None:
    """Have connections trust the authorities of a file.

    Raises:
        InvalidField: it cannot be read, or has no certificate.

    """
    _check_readable(file)
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:
        raise InvalidField(str(file), "another file", "a PEM file of certificates") from None


def show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Have connections show a certificate.

    Raises:
        InvalidField: as for `read_pair`.

    """
    trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate)  # tells which of the two is wrong
    _check_readable(key)
    try:
        context.load_cert_chain(certificate, key, password="")  # or it would ask at the terminal
    except ssl.SSLError:
        allowed = f"a PEM file of the key of {certificate}, not encrypted"
        raise InvalidField(str(key), "another file", allowed) from None


def _check_readable(file: Path) -> None:
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise InvalidField(str(file), error.strerror, "a file that can be read") from None
