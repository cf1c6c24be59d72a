from __future__ import annotations

import pytest

from skyserver.hosts import host_of, is_loopback, names_this_server


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_only_this_machine_reaches_them(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.org", ""])
def test_others_may_reach_all_else(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("address", "host"),
    [("127.0.0.1:1", "127.0.0.1"), ("[::1]:1", "::1"), ("Sky.lan:1", "sky.lan"), ("sky", "sky")],
)
def test_the_host_of_an_address(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "192.168.1.5:80", "LocalHost:1", "sky.lan:8080"],
)
def test_addresses_and_known_names_mean_this_server(host: str) -> None:
    assert names_this_server(host, "sky.lan")


@pytest.mark.parametrize(
    "host",
    ["example.org", "sky.lan.example.org", "127.0.0.1.example.org", "localhost.org:80", "", "[::1"],
)
def test_other_names_may_be_a_strangers(host: str) -> None:
    assert not names_this_server(host, "sky.lan")
