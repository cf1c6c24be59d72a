"""The package's client and local server, run in an editor that only calls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import mono
from editor_process import HARNESSES, EditorProcess

CHANNEL = mono.PACKAGE / "Editor" / "Client" / "GrpcWebChannel.cs"


@dataclass(frozen=True)
class Outcome:
    """How a call ended: `kind` is ok, error or cancelled."""

    kind: str
    result: str = ""
    code: str = ""
    reason: str = ""
    field: str = ""
    retry_ms: str = ""
    message: str = ""

    @staticmethod
    def parse(line: str) -> Outcome:
        """The outcome that the harness tells of."""
        kind, *rest = line.split("\t")
        return Outcome(kind, "", *rest) if kind == "error" else Outcome(kind, *rest)


class ClientEditor(EditorProcess):
    """`held` is for how many ms the last call that began held the main thread."""

    SOURCES = ("ClientHarness.cs",)

    def __init__(self, exe: Path, project: Path, **environment: str) -> None:
        (project / "Assets").mkdir(exist_ok=True)
        (project / "tmp").mkdir()
        super().__init__(exe, project, TMPDIR=str(project / "tmp"), **environment)
        self._calls = 0
        self.held = 0.0

    def begin(self, method: str, address: str, *arguments: object, token: str = "") -> str:
        """Start a call and return its name."""
        self._calls += 1
        name = f"call{self._calls}"
        self.held = float(self.ask("begin", name, method, address, token, *arguments))
        return name

    def end(self, call: str) -> Outcome:
        """Wait for the end of a call."""
        return Outcome.parse(self.ask("end", call))

    def call(self, method: str, address: str, *arguments: object, token: str = "") -> Outcome:
        """Make a call and wait for its end."""
        return self.end(self.begin(method, address, *arguments, token=token))

    def cancel(self, call: str) -> tuple[float, float, Outcome]:
        """Cancel a call: ms until it has ended, ms that the main thread was held, how it ended."""
        ended, held, outcome = self.ask("cancel", call).split("\t", 2)
        return float(ended), float(held), Outcome.parse(outcome)

    def reload(self) -> float:
        """Reload the script domain and return the ms that its end took."""
        return float(self.ask("reload"))

    def local(self, verb: str) -> float:
        """Start or stop the local server: ms that the main thread was held."""
        return float(self.ask("local", verb))

    def wait_for(self, state: str) -> str:
        """Wait until the local server is in this state, and return its message."""
        return self.ask("await", state)

    def threads(self) -> tuple[int, int]:
        """Threads that the process has: of the runtime's pool, which come and go; and others."""
        names = [(task / "comm").read_text() for task in self._proc("task").iterdir()]
        pool = sum(name.startswith("Thread Pool") for name in names)
        return pool, len(names) - pool

    def sockets(self) -> int:
        """Sockets and pipes that the process holds open."""
        links = (os.readlink(fd) for fd in self._proc("fd").iterdir())
        return sum(link.startswith(("socket:", "pipe:")) for link in links)

    def _proc(self, what: str) -> Path:
        return Path(f"/proc/{self._process.pid}/{what}")


def on_web_requests(folder: Path, package: mono.PackageAssemblies) -> mono.PackageAssemblies:
    """The package with the other HttpClient that builds of Mono have, on HttpWebRequest.

    Which one Unity has depends on its version; Debian's Mono has both, and makes the newer one.
    """
    source, plain = CHANNEL.read_text(), "new HttpClientHandler()"
    assert plain in source
    channel = folder / CHANNEL.name
    channel.write_text(source.replace(plain, "WebRequestHandlers.New()"))
    sources = [
        channel if path == CHANNEL else path for path in mono.sources_in(mono.PACKAGE / "Editor")
    ]
    sources.append(HARNESSES / "WebRequestHandlers.cs")
    references = [package.stubs, package.runtime]
    editor = mono.compile_library(folder / package.editor.name, sources, references)
    return package._replace(editor=editor)
