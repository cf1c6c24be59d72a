from __future__ import annotations

import pytest

from skyserver.errors import InvalidField
from skyserver.server.config import ServerConfig


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_may_be_listened_on(host: str) -> None:
    ServerConfig(host=host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.evil"])
def test_other_addresses_need_to_be_asked_for(host: str) -> None:
    with pytest.raises(InvalidField, match="--insecure") as caught:
        ServerConfig(host=host)
    assert caught.value.field == "host"
    ServerConfig(host=host, insecure=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("port", -1), ("port", 65536), ("http_port", 65536), ("workers", 0), ("queue", -1)],
)
def test_numbers_outside_their_range_are_named(field: str, value: int) -> None:
    with pytest.raises(InvalidField) as caught:
        ServerConfig(**{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "origin", ["*", "https://example.org", "http://localhost:3000", "http://[::1]:8080"]
)
def test_origins_are_let_in_as_browsers_write_them(origin: str) -> None:
    ServerConfig(cors_origins=(origin,))


@pytest.mark.parametrize(
    "origin",
    ["", "example.org", "https://example.org/", "https://Example.org", "https://a b", "x\r\ny"],
)
def test_what_no_browser_sends_as_its_origin_is_refused(origin: str) -> None:
    with pytest.raises(InvalidField) as caught:
        ServerConfig(cors_origins=("*", origin))
    assert caught.value.field == "cors_origins"
