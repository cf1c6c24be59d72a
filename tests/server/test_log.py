from __future__ import annotations

import asyncio
import json
import logging

import pytest

from skyserver.server.log import JsonFormatter, log_to_stderr, logger, note, start_line


def record(message: str, **extra: object) -> logging.LogRecord:
    return logger.makeRecord(
        "skyserver.server", logging.INFO, "f", 1, message, (), None, extra=extra
    )


def test_a_record_is_one_line_of_json() -> None:
    line = JsonFormatter().format(record("call", facts={"ms": 1.5, "error": 'two\nlines "x"'}))
    assert "\n" not in line
    parsed = json.loads(line)
    assert parsed["message"] == "call"
    assert parsed["ms"] == 1.5
    assert parsed["error"] == 'two\nlines "x"'
    assert parsed["time"].endswith("+00:00")


def test_a_traceback_stays_in_the_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        entry = record("a defect")
        entry.exc_info = (type(error), error, error.__traceback__)
    line = JsonFormatter().format(entry)
    assert "\n" not in line
    assert "ValueError: broken" in json.loads(line)["traceback"]


def test_calls_at_the_same_time_have_lines_of_their_own() -> None:
    async def call(name: str) -> dict[str, object]:
        line = start_line(method=name)
        await asyncio.sleep(0)
        note(seed=name)
        return line

    async def main() -> list[dict[str, object]]:
        return await asyncio.gather(call("a"), call("b"))

    assert asyncio.run(main()) == [{"method": "a", "seed": "a"}, {"method": "b", "seed": "b"}]


def test_lines_go_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    log_to_stderr()
    logger.info("hello")
    captured = capsys.readouterr()
    assert json.loads(captured.err)["message"] == "hello"
    assert captured.out == ""
