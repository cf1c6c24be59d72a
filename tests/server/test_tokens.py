from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from skyserver.errors import InvalidField
from skyserver.server.access import ADMIN, DRAW, Limits
from skyserver.server.tokens import read_tokens

ANNA, BERT = "anna-0123456789abcdef", "bert-0123456789abcdef"
DEFAULT = Limits(8, 100)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def written(folder: Path, text: str) -> Path:
    file = folder / "tokens.toml"
    file.write_text(text)
    return file


def test_a_token_stands_there_itself_or_as_its_digest(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"""
        [[token]]
        name = "anna"
        token = "{ANNA}"
        admin = true

        [[token]]
        name = "bert"
        sha256 = "{digest(BERT)}"
        concurrency = 2
        requests_per_minute = 30
        """,
    )
    callers = read_tokens(file, DEFAULT)
    assert callers.keys() == {digest(ANNA), digest(BERT)}
    anna, bert = callers[digest(ANNA)], callers[digest(BERT)]
    assert (anna.name, anna.permissions, anna.limits) == ("anna", {DRAW, ADMIN}, DEFAULT)
    assert (bert.name, bert.permissions, bert.limits) == ("bert", {DRAW}, Limits(2, 30))


ENTRY = f'[[token]]\nname = "anna"\ntoken = "{ANNA}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "[[token]]"),
        ("token = 3", "[[token]]"),
        ("token = [3]", "token 1: 'int'"),
        (f'{ENTRY}"', "an error at "),
        (f'tokens = "{ANNA}"', "'tokens' is not allowed; allowed: token"),
        (f"{ENTRY}concurency = 3", "'concurency' is not allowed; allowed: concurrency"),
        (f"{ENTRY}concurrency = 0", "token 1: 'concurrency'"),
        (f"{ENTRY}requests_per_minute = 0.5", "token 1: 'requests_per_minute'"),
        (f'{ENTRY}admin = "{ANNA}"', "token 1: 'admin'"),
        (f'[[token]]\ntoken = "{ANNA}"', "token 1: 'name'"),
        (f'[[token]]\nname = "an na"\ntoken = "{ANNA}"', "token 1: 'name'"),
        (f'[[token]]\nname = "anonymous"\ntoken = "{ANNA}"', "token 1: 'anonymous'"),
        ('[[token]]\nname = "anna"', "either sha256 or token"),
        (f'{ENTRY}sha256 = "{digest(ANNA)}"', "either sha256 or token"),
        (f'[[token]]\nname = "anna"\nsha256 = "{ANNA}"', "token 1: 'sha256'"),
        ('[[token]]\nname = "anna"\ntoken = "anna-0123456789 abcdef"', "16 to 256 of A-Z"),
        (f'{ENTRY}[[token]]\nname = "anna"\ntoken = "{BERT}"', "token 2: 'anna'"),
        (f'{ENTRY}[[token]]\nname = "bert"\ntoken = "{ANNA}"', "token 2: 'bert'"),
    ],
)
def test_what_is_wrong_is_named_and_no_token_is_told(tmp_path: Path, text: str, words: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InvalidField) as caught:
        read_tokens(file, DEFAULT)
    said = str(caught.value)
    assert said.startswith(str(file))
    assert words in said
    assert "0123456789" not in said
    assert "\n" not in said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="absent"):
        read_tokens(tmp_path / "absent.toml", DEFAULT)
    (tmp_path / "binary.toml").write_bytes(b"\xff\x00")
    with pytest.raises(InvalidField, match="binary"):
        read_tokens(tmp_path / "binary.toml", DEFAULT)
