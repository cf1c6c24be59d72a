from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from skyserver.server import metrics


def values(text: str) -> dict[str, float]:
    """The series without labels."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


def test_names_follow_the_conventions_of_prometheus() -> None:
    """Of its guide "Metric and label naming": a prefix, base units, a counter ends in _total."""
    families = list(text_string_to_metric_families(metrics.exposition().decode()))
    assert len(families) > 10
    for family in families:
        assert family.name.startswith("skyserver_")
        assert not family.name.endswith(("_ms", "_mb", "_percent", "_created"))
        assert family.documentation
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_memory_and_processor_time_are_this_process_s() -> None:
    before = values(metrics.exposition().decode())
    resident = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )
    assert before["skyserver_resident_memory_bytes"] == pytest.approx(resident, rel=0.05)
    sum(range(2_000_000))
    after = values(metrics.exposition().decode())
    assert after["skyserver_cpu_seconds_total"] > before["skyserver_cpu_seconds_total"]


def test_processes_of_one_server_count_together(tmp_path: Path) -> None:
    """The last of three writes the metrics of all; the first one is said to have ended."""
    script = (
        "import os, sys; from skyserver.server import metrics;"
        "metrics.server_started(17); metrics.sent(100); metrics.queue(waiting=2, running=1);"
        "[metrics.process_ended(int(gone)) for gone in sys.argv[1:]];"
        "print(os.getpid(), metrics.exposition().decode(), sep='\\n')"
    )

    def process(*gone: str) -> tuple[str, dict[str, float]]:
        said = subprocess.run(
            [sys.executable, "-c", script, *gone],
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        number, _, text = said.partition("\n")
        return number, values(text)

    first, alone = process()
    _, two = process()
    _, rest = process(first)
    assert alone["skyserver_sent_bytes_total"] == 100
    assert two["skyserver_sent_bytes_total"] == 200
    assert rest["skyserver_sent_bytes_total"] == 300
    assert [found["skyserver_queue_places"] for found in (alone, two, rest)] == [17, 34, 34]
    assert [found["skyserver_queue_waiting"] for found in (alone, two, rest)] == [2, 4, 4]
    assert two["skyserver_resident_memory_bytes"] > 1.5 * alone["skyserver_resident_memory_bytes"]


def test_the_start_of_a_process_is_counted_before_it_is_asked(tmp_path: Path) -> None:
    """Or it would look like work of the moment in which it is."""

    def said_by(script: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", f"import time; from skyserver.server import metrics; {script}"],
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    other = float(said_by("metrics.server_started(1); print(time.process_time())"))
    own, _, text = said_by(
        "print(time.process_time(), metrics.exposition().decode(), sep='\\n')"
    ).partition("\n")
    together = values(text)["skyserver_cpu_seconds_total"]
    assert together == pytest.approx(float(own) + other, abs=0.1 * other)
