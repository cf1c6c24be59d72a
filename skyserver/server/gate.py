"""Lets callers in: knows their tokens, and counts the calls of each.

A token is a bearer token (RFC 6750) in the metadata or header `authorization`. The server keeps
SHA-256 digests, so that nothing that it could say about a token is the token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from skyserver.errors import OverLimit, Unauthenticated
from skyserver.server.access import ANONYMOUS, DRAW, Caller, Limits
from skyserver.server.config import ServerConfig
from skyserver.server.reloading import Reloading
from skyserver.server.tokens import read_tokens

_SHORTEST_RETRY: Final = 0.1  # seconds; how long another call of the same client takes is unknown
_MOST_CLIENTS: Final = 4096  # that are remembered, and more only while all of them are active


class Gate:
    """Knows the tokens of a configuration, and counts the calls of each client.

    A client is a token, or an address where none is asked for. Belongs to one event loop.

    Raises:
        InvalidField: the file of the tokens cannot be read, or is not one.

    """

    def __init__(self, config: ServerConfig, now: Callable[[], float] = time.monotonic) -> None:
        limits = Limits(config.concurrency, config.requests_per_minute)
        self._anonymous = Caller(ANONYMOUS, frozenset({DRAW}), limits)
        self._tokens = _known_tokens(config, limits) if config.asks_for_tokens else None
        self._now = now
        self._clients: dict[str, _Client] = {}

    def identify(self, authorization: str | None) -> Caller:
        """Return who sends this header.

        Raises:
            Unauthenticated: tokens are asked for, and there is none in it, or an unknown one.

        """
        if self._tokens is None:
            return self._anonymous
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("a token is needed, as the metadata authorization: Bearer TOKEN")
        known = self._tokens().get(sha256(token.strip().encode()).hexdigest())
        if known is None:
            raise Unauthenticated("the token is unknown here")
        return known

    @contextmanager
    def admitted(self, caller: Caller, address: str) -> Iterator[None]:
        """Count a call until the block ends.

        Raises:
            OverLimit: the client has as many calls under way, or has made as many, as it may.

        """
        client = self._client(address if caller.name == ANONYMOUS else caller.name)
        client.begin(caller, self._now())
        try:
            yield
        finally:
            client.running -= 1

    def _client(self, name: str) -> _Client:
        if name not in self._clients:
            if len(self._clients) >= _MOST_CLIENTS:
                now = self._now()
                self._clients = {
                    key: client for key, client in self._clients.items() if not client.is_idle(now)
                }
            self._clients[name] = _Client()
        return self._clients[name]


@dataclass
class _Client:
    """The calls of one client: a bucket of a minute's calls that is refilled all the time."""

    running: int = 0
    spent: float = 0.0  # calls of the minute's that are not there now
    at: float = 0.0  # seconds

    def begin(self, caller: Caller, now: float) -> None:
        most, rate = caller.limits.concurrency, caller.limits.requests_per_minute
        if most is not None and self.running >= most:
            text = f"{caller.name} is over its limit of {most} calls at once"
            raise OverLimit(text, _SHORTEST_RETRY)
        if rate is not None:
            spent = max(0.0, self.spent - (now - self.at) * rate / 60)
            if spent + 1 > rate:
                text = f"{caller.name} is over its limit of {rate} calls a minute"
                raise OverLimit(text, max((spent + 1 - rate) * 60 / rate, _SHORTEST_RETRY))
            self.spent, self.at = spent + 1, now
        self.running += 1

    def is_idle(self, now: float) -> bool:
        """Whether it may be forgotten: a minute refills any bucket."""
        return not self.running and now - self.at > 60


def _known_tokens(config: ServerConfig, limits: Limits) -> Callable[[], Mapping[str, Caller]]:
    """Return what maps the digests of all tokens to their callers, as the file is now."""
    single: dict[str, Caller] = {}
    if config.token is not None:
        digest = sha256(config.token.get_secret_value().encode()).hexdigest()
        single[digest] = Caller("token", frozenset({DRAW}), limits)
    file = config.tokens
    if file is None:
        return lambda: single
    return Reloading([file], lambda: single | read_tokens(file, limits))
