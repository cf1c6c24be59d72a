"""What starts the process of a command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("threadpoolctl")

SCRIPT = """
import sys
from threadpoolctl import threadpool_info
from skyserver.__main__ import main
sys.argv = ["skyserver", "--version"]
try:
    main()
finally:
    import numpy
    print(*(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"))
"""


@pytest.mark.parametrize(("set_by_user", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_matrix_products_have_one_thread_unless_the_user_says_more(
    set_by_user: dict[str, str], threads: int
) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core has one thread anyway")
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**environment, **set_by_user},
        capture_output=True,
        text=True,
        check=True,
    )
    version, *pools = done.stdout.split("\n")[:-1]
    assert version.startswith("skyserver ")
    assert pools == [str(threads)]
