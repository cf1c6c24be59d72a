"""Parts of a piece of work, each in a thread."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing import get_context

import pytest

from skyserver.cores import on_cores


def test_results_keep_the_order_of_the_parts() -> None:
    def slow_at_first(part: int) -> int:
        time.sleep(0.02 / (part + 1))
        return part * part

    assert on_cores(slow_at_first, range(8)) == [part * part for part in range(8)]


def test_no_part_no_result() -> None:
    assert on_cores(str, []) == []


def test_an_error_of_a_part_is_raised_and_the_next_call_works() -> None:
    with pytest.raises(ZeroDivisionError):
        on_cores(lambda part: 1 / part, [1, 0, 2])
    assert on_cores(str, [1]) == ["1"]


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core")
def test_parts_are_done_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)
    assert sorted(on_cores(lambda _: both.wait(), range(2))) == [0, 1]


def test_parts_of_parts_never_wait_for_each_other() -> None:
    table = on_cores(lambda row: on_cores(lambda column: row * column, range(9)), range(9))
    assert table == [[row * column for column in range(9)] for row in range(9)]


def test_many_calls_share_a_few_threads() -> None:
    on_cores(str, range(50))
    before = threading.active_count()
    for _ in range(20):
        on_cores(str, range(50))
    assert threading.active_count() <= max(before, 5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    on_cores(str, range(50))
    process = get_context("fork").Process(target=on_cores, args=(str, range(50)))
    process.start()
    process.join(10)
    assert process.exitcode == 0
