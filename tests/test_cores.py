"""Parts of a piece of work, each in a thread."""

from __future__ import annotations

import threading
import time

import pytest

from skyserver.cores import on_cores


def test_results_keep_the_order_of_the_parts() -> None:
    def slow_at_first(part: int) -> int:
        time.sleep(0.02 / (part + 1))
        return part * part

    assert on_cores(slow_at_first, range(8)) == [part * part for part in range(8)]


def test_no_part_no_result() -> None:
    assert on_cores(str, []) == []


def test_an_error_of_a_part_is_raised_and_no_thread_is_left() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        on_cores(lambda part: 1 / part, [1, 0, 2])
    assert threading.active_count() == before
