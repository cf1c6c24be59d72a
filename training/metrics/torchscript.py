"""Feature networks given as TorchScript.

A TorchScript file is a program. It cannot reach Python, but two of torch's own functions open
files, and other namespaces of operators hold whatever extensions register. So the source in the
archive is read before anything is loaded, and a program that uses them is refused.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

MAX_SOURCE_BYTES: Final = 16 * 2**20
_OPENS_FILES: Final = re.compile(rb"\b(?:save|from_file)\s*\(")
_FOREIGN: Final = re.compile(rb"\bops\.(?!(?:prim|aten|quantized)\.)")

Network = Callable[[npt.NDArray[np.uint8] | npt.NDArray[np.float32]], npt.NDArray[np.float32]]


def load(data: io.BytesIO, path: str, trusted: bool) -> Network:
    """Load a network that is called in the published way, on a GPU if there is one.

    It takes RGB (n, 3, height, width) in [0, 255], uint8 or float32, and resizes and normalises
    itself; if its forward has the argument `return_features`, that is true (StyleGAN2-ADA's
    metrics do so with Inception). It gives features (n, d).

    Raises ValueError naming `path` for what is not TorchScript, or is not `trusted` and reaches
    beyond tensors.
    """
    if not trusted:
        _check_source(data, path)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        with warnings.catch_warnings():
            # torch wants new models exported otherwise; the published Inception is this file
            warnings.simplefilter("ignore", DeprecationWarning)
            module = torch.jit.load(data, map_location=device).eval()
        arguments = {argument.name for argument in module.forward.schema.arguments}
    except (RuntimeError, AttributeError) as error:
        raise ValueError(f"{path}: cannot be read as TorchScript: {_first_line(error)}") from error
    options = {"return_features": True} if "return_features" in arguments else {}

    def run(pictures: npt.NDArray[np.uint8] | npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        x = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).to(device)
        try:
            with torch.inference_mode():
                features = module(x if x.dtype == torch.uint8 else 255 * x, **options)
        except RuntimeError as error:
            raise ValueError(f"{path}: does not take pictures: {_first_line(error)}") from error
        if not isinstance(features, torch.Tensor) or features.ndim != 2:
            raise ValueError(f"{path}: does not give features (n, d)")
        array: npt.NDArray[np.float32] = features.float().cpu().numpy()
        return array

    return run


def _check_source(data: io.BytesIO, path: str) -> None:
    try:
        with zipfile.ZipFile(data) as archive:
            files = [info for info in archive.infolist() if info.filename.endswith(".py")]
            if sum(info.file_size for info in files) > MAX_SOURCE_BYTES:
                raise ValueError(f"{path}: over {MAX_SOURCE_BYTES >> 20} MiB of source")
            source = b"\n".join(archive.read(info) for info in files)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{path}: cannot be read as TorchScript: {error}") from error
    data.seek(0)
    if found := _OPENS_FILES.search(source) or _FOREIGN.search(source):
        line = source[found.start() :].split(b"\n")[0].decode(errors="replace")
        raise ValueError(f"{path}: its program calls {line[:60]!r}; allowed: torch on tensors only")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__
