from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from skyserver.errors import InvalidField, OverLimit, Unauthenticated
from skyserver.server.access import ANONYMOUS
from skyserver.server.config import ServerConfig
from skyserver.server.gate import Gate

TOKEN = "anna-0123456789abcdef"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path) -> Callable[[str], Path]:
    file = tmp_path / "tokens.toml"

    def write(more: str = "", token: str = TOKEN) -> Path:
        file.write_text(f'[[token]]\nname = "anna"\ntoken = "{token}"\n{more}')
        return file

    return write


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_is_known_from_the_environment(scheme: str) -> None:
    gate = Gate(ServerConfig(token=TOKEN))
    assert gate.identify(f"{scheme} {TOKEN}").name == "token"


@pytest.mark.parametrize(
    "sent",
    [None, "", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"],
)
def test_all_else_is_a_stranger(sent: str | None) -> None:
    with pytest.raises(Unauthenticated) as caught:
        Gate(ServerConfig(token=TOKEN)).identify(sent)
    assert TOKEN not in str(caught.value)


def test_where_no_token_is_asked_for_everybody_is_anonymous() -> None:
    assert Gate(ServerConfig()).identify(None).name == ANONYMOUS
    assert Gate(ServerConfig()).identify(f"Bearer {TOKEN}").name == ANONYMOUS


def test_the_file_is_read_anew_when_it_changes(tokens: Callable[..., Path]) -> None:
    gate = Gate(ServerConfig(tokens=tokens()))
    assert gate.identify(f"Bearer {TOKEN}").name == "anna"
    tokens(token="another-0123456789")
    with pytest.raises(Unauthenticated):
        gate.identify(f"Bearer {TOKEN}")
    assert gate.identify("Bearer another-0123456789").name == "anna"


def test_a_broken_change_leaves_the_tokens_as_they_were(
    tokens: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(ServerConfig(tokens=tokens()))
    tokens("]")
    assert gate.identify(f"Bearer {TOKEN}").name == "anna"
    assert "what was there before stays in use" in caplog.text
    assert TOKEN not in caplog.text


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="absent"):
        Gate(ServerConfig(tokens=tmp_path / "absent"))


def test_calls_at_once_are_counted_by_token(tokens: Callable[..., Path], clock: Clock) -> None:
    gate = Gate(ServerConfig(tokens=tokens("concurrency = 2")), clock)
    anna = gate.identify(f"Bearer {TOKEN}")
    with ExitStack() as under_way:
        under_way.enter_context(gate.admitted(anna, "here"))
        second = ExitStack()
        second.enter_context(gate.admitted(anna, "there"))
        with pytest.raises(OverLimit, match="anna is over its limit of 2 calls at once"):
            gate.admitted(anna, "elsewhere").__enter__()
        second.close()
        with gate.admitted(anna, "here"):
            pass


def test_without_tokens_calls_are_counted_by_address(clock: Clock) -> None:
    gate = Gate(ServerConfig(concurrency=1), clock)
    anybody = gate.identify(None)
    with (
        gate.admitted(anybody, "10.0.0.1"),
        gate.admitted(anybody, "10.0.0.2"),
        pytest.raises(OverLimit),
        gate.admitted(anybody, "10.0.0.1"),
    ):
        pass


def test_a_call_that_fails_gives_its_place_back(clock: Clock) -> None:
    gate = Gate(ServerConfig(concurrency=1), clock)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.admitted(gate.identify(None), "here"):
            raise ZeroDivisionError


def test_a_minutes_calls_may_come_at_once_and_come_back_bit_by_bit(clock: Clock) -> None:
    gate = Gate(ServerConfig(requests_per_minute=30), clock)

    def call() -> None:
        with gate.admitted(gate.identify(None), "here"):
            pass

    for _ in range(30):
        call()
    with pytest.raises(OverLimit, match="30 calls a minute") as caught:
        call()
    assert caught.value.retry_after == pytest.approx(2)
    clock.seconds += caught.value.retry_after
    call()
    with pytest.raises(OverLimit):
        call()
    clock.seconds += 60
    for _ in range(30):
        call()
    with pytest.raises(OverLimit):
        call()


def test_refused_calls_cost_nothing(clock: Clock) -> None:
    """Or a client that retries at once would never be let in again."""
    gate = Gate(ServerConfig(requests_per_minute=1), clock)
    with gate.admitted(gate.identify(None), "here"):
        pass
    for _ in range(59):
        clock.seconds += 1
        with pytest.raises(OverLimit):
            gate.admitted(gate.identify(None), "here").__enter__()
    clock.seconds += 1
    with gate.admitted(gate.identify(None), "here"):
        pass
