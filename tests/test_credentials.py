from __future__ import annotations

import pytest

from skyserver.credentials import PUBLIC_AUTHORITIES, Credentials
from skyserver.errors import InvalidField

TOKEN = "anna-0123456789abcdef"


@pytest.mark.parametrize("address", ["10.0.0.1:1", "sky.lan:1", "[2001:db8::1]:1", "localhost.org"])
def test_a_token_does_not_leave_the_machine_unencrypted(address: str) -> None:
    with pytest.raises(InvalidField, match="--ca") as caught:
        Credentials(token=TOKEN).channel(address)
    assert TOKEN not in str(caught.value)
    Credentials().channel(address).close()
    Credentials(token=TOKEN, authorities=PUBLIC_AUTHORITIES).channel(address).close()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "localhost:1"])
def test_on_this_machine_it_may(address: str) -> None:
    Credentials(token=TOKEN).channel(address).close()


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(InvalidField, match="its key"):
        Credentials(authorities=PUBLIC_AUTHORITIES, certificate=b"PEM").channel("127.0.0.1:1")


def test_secrets_are_not_shown() -> None:
    shown = repr(Credentials(token=TOKEN, key=b"private"))
    assert TOKEN not in shown
    assert "private" not in shown
