"""A drawing that a test can hold up."""

from __future__ import annotations

import threading

from live import PATIENCE

from skyserver import pipeline


class GatedDrawing:
    """`pipeline.generate` that waits until `gate` is open. `running` are the drawings under way."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.running = 0
        self._generate = pipeline.generate

    def __call__(self, model, request, progress, cancelled) -> pipeline.Result:
        self.running += 1
        try:
            progress("model", 0.0)
            for _ in range(100 * PATIENCE):
                cancelled()
                if self.gate.wait(0.01):
                    break
            return self._generate(model, request, progress, cancelled)
        finally:
            self.running -= 1
