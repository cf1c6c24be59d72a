"""Fuzz targets with atheris, which looks for inputs that reach new code: `make fuzz RUNS=100000`.

    python tests/fuzz/harness.py RUNS [TARGET ...]

Each target runs in a process of its own, so that a crash in a library is seen; the first input that
breaks one is left in build/fuzz, as is the corpus, from which the next run goes on.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "fuzz"
SECONDS, MIB = 30, 2048  # that one input may take
PLUGINS = ["PIL.PngImagePlugin", "PIL.JpegImagePlugin", "PIL.WebPImagePlugin"]


def fuzz(name: str, options: list[str]) -> None:
    """Run one target in this process, to its end."""
    import atheris

    sys.path += [str(ROOT), str(ROOT / "tests")]
    with atheris.instrument_imports(include=["skyserver", "tomllib", *PLUGINS]):
        from targets import TARGETS
    corpus = WORK / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(TARGETS[name].seeds):
        (corpus / f"seed-{index}").write_bytes(seed)
    limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MIB}", "-max_len=6000"]
    files = [f"-artifact_prefix={WORK}/{name}-", str(corpus)]
    atheris.Setup([sys.argv[0], *options, *limits, *files], TARGETS[name].run)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets one after the other; return 1 if one broke."""
    if sys.argv[1] == "--one":
        fuzz(sys.argv[2], sys.argv[3:])
    sys.path += [str(ROOT), str(ROOT / "tests")]
    from targets import TARGETS

    runs, names = int(sys.argv[1]), sys.argv[2:] or list(TARGETS)
    broken = 0
    for name in names:
        started = time.monotonic()
        command = [sys.executable, __file__, "--one", name, f"-runs={runs}"]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace")
        done = re.findall(r"^#(\d+)", ended.stderr, re.MULTILINE)
        seconds = time.monotonic() - started
        print(f"{name:16} {int(done[-1]) if done else 0:>10} inputs {seconds:8.1f} s", end="  ")
        print("survived" if ended.returncode == 0 else "BROKEN", flush=True)
        if ended.returncode:
            broken += 1
            print(ended.stderr[-3000:], flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
