"""The table in README.md says what the tests test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
README = HERE / "README.md"
ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \| \[(test_\w+)\]\(([\w./]+)\) \|")


def rows() -> list[tuple[str, str, str, str, str]]:
    """Attacker, way in, promise, name of the test and its file."""
    lines = README.read_text("utf-8").splitlines()
    return [ROW.fullmatch(line).groups() for line in lines if "](" in line and line[0] == "|"]


def promises_of(file: Path) -> dict[str, str]:
    """The tests of a module with their promises: the docstring here, the name elsewhere."""
    functions = [
        node
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    if file.parent == HERE:
        return {one.name: (ast.get_docstring(one) or "").partition("\n")[0] for one in functions}
    return {one.name: f"{one.name[5:].replace('_', ' ').capitalize()}." for one in functions}


@pytest.mark.parametrize("file", sorted({row[4] for row in rows()}))
def test_every_promise_of_the_table_is_that_of_a_test(file: str) -> None:
    known = promises_of((HERE / file).resolve())
    for _, _, promise, name, where in rows():
        if where == file:
            assert known[name] == promise


def test_every_attack_is_in_the_table() -> None:
    listed = [(file, name) for *_, name, file in rows()]
    assert len(listed) == len(set(listed))
    for file in set(HERE.glob("test_*.py")) - {Path(__file__)}:
        assert {name for where, name in listed if where == file.name} == promises_of(file).keys()
