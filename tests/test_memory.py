"""How many heaps the C library keeps for a process, by its own account."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

# Threads that allocate at the same time, then malloc_info(3).
COUNT = """
import ctypes, re, tempfile, threading
together = threading.Barrier(4)
def allocate():
    together.wait()
    kept = [bytearray(100_000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count(b"<heap "), flush=True)
"""
STARTED = f"""
import subprocess, sys
from skyserver.__main__ import main
sys.argv = ["skyserver", "--version"]
try:
    main()
finally:
    exec({COUNT!r})
    subprocess.run([sys.executable, "-c", {COUNT!r}], check=True)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="asks glibc")
@pytest.mark.parametrize(
    ("set_by_user", "is_one"), [({}, True), ({"MALLOC_ARENA_MAX": "3"}, False)]
)
def test_threads_share_one_heap_unless_the_user_says_more(
    set_by_user: dict[str, str], is_one: bool
) -> None:
    environment = {key: value for key, value in os.environ.items() if "MALLOC" not in key}
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={**environment, **set_by_user},
        capture_output=True,
        text=True,
        check=True,
    )
    counted = [int(number) for number in done.stdout.split("\n")[1:-1]]
    assert done.stdout.startswith("skyserver ")
    assert len(counted) == 2, "this process and one that it starts"
    assert [count == 1 for count in counted] == [is_one] * 2
