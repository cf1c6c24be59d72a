"""Features of pictures, from any network given as ONNX or TorchScript."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image

from skyserver.onnx_wire import WireError, has_external_data
from training.metrics import torchscript

Floats: TypeAlias = npt.NDArray[np.float64]
Pictures: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""(n, height, width, 3): uint8, or float32 in [0, 1] where eight bits are too coarse."""

BATCH: Final = 16
OUTPUT: Final = "f"  # of an ONNX network that has several outputs

INCEPTION: Final = "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4"
"""SHA-256 of inception-2015-12-05.pt, the network of the published FID (Karras et al. 2020,
arXiv 2006.06676): 95,607,719 bytes of TorchScript."""


class FeatureNetwork:
    """Features (n, d) of pictures.

    An ONNX network takes `(n, 3, size, size)` float32, (RGB - 127) / 128, resized bicubically to
    the size that it declares; its features are the output `f`, or its only output. A TorchScript
    network is called as StyleGAN2-ADA calls its detectors (`training.metrics.torchscript`).

    `name` is the file's, `digest` its SHA-256, and `distance` what the Frechet distance of its
    features may be called: FID for the published Inception file alone, FD for every other.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        """Load a file that is not trusted; `threads` is for ONNX, 0 for all.

        Raises ValueError naming the file for what is not such a network.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
        self.name = path.name
        self.digest = hashlib.sha256(data).hexdigest()
        self.distance = "FID" if self.digest == INCEPTION else "FD"
        self._run: Callable[[Pictures], npt.NDArray[np.float32]]
        if data.startswith(b"PK"):  # TorchScript is a zip archive
            trusted = self.digest == INCEPTION
            self._run = torchscript.load(io.BytesIO(data), str(path), trusted)
        else:
            self._run = _OnnxNetwork(data, str(path), threads)

    def __call__(
        self, pictures: Pictures, on_batch: Callable[[int], None] = lambda _: None
    ) -> Floats:
        """Features (n, d) of pictures (n, height, width, 3); `on_batch` hears how many are done."""
        features = []
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH]
            features.append(self._run(batch))
            on_batch(len(batch))
        return np.concatenate(features, dtype=np.float64)


class _OnnxNetwork:
    def __init__(self, data: bytes, path: str, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # errors arrive as exceptions
        _refuse_external_data(data, path)
        try:
            self._session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no common base for what it raises
            reason = _one_line(error)
            raise ValueError(f"{path}: cannot be read as an ONNX network: {reason}") from error
        self._path = path
        self._input, self._size = _picture_input(self._session, path)
        self._output = _feature_output(self._session, path)

    def __call__(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        x = np.stack([_resized(picture, self._size) for picture in pictures])
        x = ((x - 127) / 128).transpose(0, 3, 1, 2)
        try:
            features: npt.NDArray[np.float32] = self._session.run([self._output], {self._input: x})[
                0
            ]
        except Exception as error:
            raise ValueError(f"{self._path}: does not run: {_one_line(error)}") from error
        return features


def _refuse_external_data(data: bytes, path: str) -> None:
    try:
        external = has_external_data(data)
    except WireError as error:
        raise ValueError(f"{path}: cannot be read as an ONNX network: {error}") from error
    if external:
        raise ValueError(f"{path}: external data; allowed: a network with its weights inside")


def _picture_input(session: onnxruntime.InferenceSession, path: str) -> tuple[str, int]:
    """Name and edge in pixels of the only input."""
    inputs = session.get_inputs()
    shape = inputs[0].shape
    square = len(shape) == 4 and shape[1] == 3 and shape[2] == shape[3]
    fits = square and isinstance(shape[2], int) and not isinstance(shape[0], int)
    if len(inputs) != 1 or not fits:
        raise ValueError(f"{path}: takes {shape}; allowed: one input (any number, 3, size, size)")
    return inputs[0].name, shape[2]


def _feature_output(session: onnxruntime.InferenceSession, path: str) -> str:
    shapes = {output.name: output.shape for output in session.get_outputs()}
    name = OUTPUT if OUTPUT in shapes else next(iter(shapes))
    if len(shapes[name]) != 2 or (len(shapes) > 1 and name != OUTPUT):
        raise ValueError(f"{path}: gives {shapes}; allowed: one output (n, d), or one named f")
    return name


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _resized(picture: Pictures, size: int) -> npt.NDArray[np.float32]:
    """(size, size, 3) in [0, 255]; of an eight-bit picture, in eight bits."""
    edges, bicubic = (size, size), Image.Resampling.BICUBIC
    if picture.dtype == np.uint8:
        return np.asarray(Image.fromarray(picture).resize(edges, bicubic), np.float32)
    planes = (Image.fromarray(255 * plane) for plane in picture.transpose(2, 0, 1))
    return np.stack([plane.resize(edges, bicubic) for plane in planes], axis=-1)
