"""A host of static files like any other, with or without the headers that threads need."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, isolated: bool, **options: Any) -> None:
        self._isolated = isolated
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        del self.headers["If-Modified-Since"]  # has whole seconds; tests change files within one
        super().do_GET()

    def end_headers(self) -> None:
        for name, value in ISOLATION.items() if self._isolated else ():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def hosting(folder: Path, isolated: bool) -> Iterator[str]:
    """Serve a folder inside the block and yield its address, which ends in /."""
    handler = partial(_Handler, directory=str(folder), isolated=isolated)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
