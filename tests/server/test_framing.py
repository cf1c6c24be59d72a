from __future__ import annotations

import base64

import pytest
import web_client
from hypothesis import given
from hypothesis import strategies as st

from skyserver.errors import InvalidField
from skyserver.server import framing


@given(st.binary(max_size=100))
def test_a_message_round_trips(message: bytes) -> None:
    assert framing.frame(message) == web_client.frame(message)
    assert framing.message_of(web_client.frame(message)) == message


@given(st.binary(max_size=20))
def test_anything_else_is_refused(body: bytes) -> None:
    if web_client.frame(body[5:]) == body:
        return
    with pytest.raises(InvalidField, match=r"^request: .*one gRPC-Web frame"):
        framing.message_of(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        web_client.frame(b"abc")[:-1],
        web_client.frame(b"abc") + b"d",
        web_client.frame(b"abc") * 2,
        web_client.frame(b"abc", flag=1),
        web_client.frame(b"abc", flag=0x80),
        b"\0\xff\xff\xff\xffabc",
    ],
    ids=["empty", "cut", "longer", "two", "compressed", "trailers", "huge"],
)
def test_requests_that_are_not_one_whole_message(body: bytes) -> None:
    with pytest.raises(InvalidField):
        framing.message_of(body)


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("1H", 3600),
        ("2M", 120),
        ("3S", 3),
        ("250m", 0.25),
        ("5u", 5e-6),
        ("7n", 7e-9),
        ("99999999H", 86400),
    ],
)
def test_timeouts(timeout: str, seconds: float) -> None:
    assert framing.seconds_of(timeout) == pytest.approx(seconds)


@pytest.mark.parametrize("timeout", ["", "1", "S", "-1S", "1.5S", "123456789S", "1s", "1S ", "１S"])
def test_what_is_no_timeout_is_refused(timeout: str) -> None:
    with pytest.raises(InvalidField, match=r"^grpc-timeout: "):
        framing.seconds_of(timeout)


def test_trailers_are_plain_lines() -> None:
    ((flag, text),) = web_client.frames(
        framing.trailer_frame(
            3, "psi: 1.5 is 100%\r\nnot 雲", [("plain", "x"), ("some-bin", b"\0\xff")]
        )
    )
    assert flag == 0x80
    assert text.decode("ascii").split("\r\n") == [
        "grpc-status:3",
        "grpc-message:psi: 1.5 is 100%25%0D%0Anot %E9%9B%B2",
        "plain:x",
        f"some-bin:{base64.b64encode(bytes([0, 255])).decode()}",
        "",
    ]
