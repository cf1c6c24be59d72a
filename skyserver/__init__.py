"""SkyServer: pick a cloud type, get a seamless skybox."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyserver.generator import Sky, SkyGenerator

__all__ = ["Sky", "SkyGenerator", "__version__"]
__version__ = "0.1.0"

# Nothing is sent anywhere: ONNX Runtime 1.32 reports to its makers unless it finds this when it is
# imported (its Privacy.md).
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    # On first use, so that the command line answers --help without loading the steps.
    if name in ("Sky", "SkyGenerator"):
        from skyserver import generator

        return getattr(generator, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
