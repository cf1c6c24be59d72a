"""A process that stands for the Unity editor and does what it is told, one line at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import mono

HARNESSES = Path(__file__).parent / "harness"
PATIENCE = 100  # seconds, more than the harnesses have for anything
TO_TELL = 2  # seconds that mono has to write down where its threads are


class EditorProcess:
    """A program of harness/; `project`, its working folder, is the Unity project.

    It reads a command a line, words with tabs between them, and answers each with a line; see
    harness/Commands.cs. When it hangs, the test fails with the stack of every thread.
    """

    SOURCES: ClassVar[tuple[str, ...]]
    """The files of harness/ that its program is made from."""

    def __init__(self, exe: Path, project: Path, *arguments: object, **environment: str) -> None:
        self.project = project
        self._process = subprocess.Popen(
            mono.command(exe, *arguments),
            cwd=project,
            env=os.environ | {"LC_ALL": "C.UTF-8"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    @classmethod
    def compile(cls, folder: Path, package: mono.PackageAssemblies) -> Path:
        """The program, with the package beside it."""
        sources = [HARNESSES / name for name in ("Commands.cs", *cls.SOURCES)]
        return mono.compile_exe(folder / f"{cls.__name__}.exe", sources, package)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._watched():
            last, complaint = self._process.communicate()
        # not by its exit status: once all is done, mono may still fail in a finalizer of its own
        assert error or last == "ended\n", last + complaint

    def ask(self, *words: object) -> str:
        """What the editor answers to a command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._watched():
            print(*words, sep="\t", file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        kind, _, answer = line.rstrip("\n").partition("\t")
        assert kind != "defect", answer
        assert kind == "done", line + "".join(self._process.communicate())
        return answer

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """An editor that hangs in this block tells where, which is mono's answer to SIGQUIT."""

        def end() -> None:
            self._process.send_signal(signal.SIGQUIT)
            time.sleep(TO_TELL)
            self._process.kill()

        watch = threading.Timer(PATIENCE, end)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
