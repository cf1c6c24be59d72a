"""What computes a network: ONNX Runtime on one of its providers, or OpenVINO.

All draw the same picture, within one level of 255; two trade that for speed: `openvino-bf16`, and
models whose activations are integers, which each backend rounds in its own places. The rest of
skyserver knows a `Session` and nothing of what is behind it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import tempfile
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from skyserver.errors import InvalidField, MissingExtra

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions
    from openvino import Core

BACKENDS: Final = ("auto", "cpu", "cuda", "directml", "coreml", "openvino", "openvino-bf16")
PREFERENCE: Final = ("cuda", "directml", "openvino", "cpu")
"""What `auto` takes the first of that is here, pays and opens.

All but the last are here only if somebody installed them for it. CoreML comes with ONNX Runtime to
every Mac and has not been measured, bfloat16 draws a slightly other picture: both by name alone.
"""

_PROVIDERS: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "cpu": ("CPUExecutionProvider", {}),
    # TensorFloat-32 has 10 bits: other pictures than elsewhere
    "cuda": ("CUDAExecutionProvider", {"use_tf32": "0"}),
    "directml": ("DmlExecutionProvider", {}),
    # not the neural engine, which computes in float16
    "coreml": (
        "CoreMLExecutionProvider",
        {"ModelFormat": "MLProgram", "MLComputeUnits": "CPUAndGPU"},
    ),
}
_PRECISIONS: Final = {"openvino": "f32", "openvino-bf16": "bf16"}
_INSTALL: Final = {
    "cuda": "pip install onnxruntime-gpu[cuda,cudnn] in place of onnxruntime",
    "directml": "pip install onnxruntime-directml in place of onnxruntime, on Windows",
    "coreml": "pip install onnxruntime, on a Mac",
    "openvino": "pip install skyserver[openvino]",
    "openvino-bf16": "pip install skyserver[openvino]",
}

_log: Final = logging.getLogger(__name__)


class RefusedModelError(Exception):
    """A backend that is here cannot open a model; the message is one line."""


class Session(Protocol):
    """A network ready to draw. It may run in several threads at once."""

    backend: str

    def run(self, feed: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Compute `image` from `z`, `c` and `psi`, all as docs/model-file.md has them."""


def available() -> list[str]:
    """Return the backends whose libraries are installed, in the order of `BACKENDS`."""
    import onnxruntime as ort

    providers = set(ort.get_available_providers())
    here = {name for name, (provider, _) in _PROVIDERS.items() if provider in providers}
    if find_spec("openvino"):
        here |= set(_PRECISIONS)
    return [name for name in BACKENDS if name in here]


def preferred() -> list[str]:
    """Return what `auto` tries on this machine, the last of which is always here and opens.

    OpenVINO only where the processor computes in bfloat16, which is where it has AVX-512: without,
    it was slower than ONNX Runtime (tests/benchmarks/README.md).
    """
    here = set(available())
    try:
        if "openvino" in here and not _has_bfloat16(_openvino_core()):
            here.remove("openvino")
    except MissingExtra as error:
        _log.warning("openvino is passed over: %s", error)
        here.remove("openvino")
    return [name for name in PREFERENCE if name in here]


def open_session(data: bytes, threads: int, backend: str) -> Session:
    """Open the ONNX file `data`, checked before, with a backend of `BACKENDS`.

    `threads` is how many processor cores one run may use, 0 for all. What `auto` passes over
    because it does not open is said in the log.

    Raises:
        InvalidField: no backend has this name.
        MissingExtra: this machine lacks the backend.
        RefusedModelError: the backend cannot open the model.

    """
    if backend not in BACKENDS:
        raise InvalidField("backend", backend, ", ".join(BACKENDS))
    if backend != "auto":
        return _open(data, threads, backend)
    *better, last = preferred()
    for name in better:
        try:
            return _open(data, threads, name)
        except (MissingExtra, RefusedModelError) as error:
            _log.warning("%s is passed over: %s", name, error)
    return _open(data, threads, last)


def open_unoptimized(data: bytes) -> InferenceSession:
    """Open an ONNX file to check it and read what it says about itself, not to draw with it.

    Raises:
        RefusedModelError: ONNX Runtime cannot open it.

    """
    import onnxruntime as ort

    options = _options(threads=1)
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return _onnx_session(data, options, [("CPUExecutionProvider", {})])


def one_line(error: Exception) -> str:
    """Return the message of a foreign error, which may quote the file, fit for a terminal."""
    text = " ".join(str(error).split())
    return "".join(character for character in text if character.isprintable())[:200]


def _open(data: bytes, threads: int, backend: str) -> Session:
    here = available()
    if backend not in here:
        raise MissingExtra(
            f"backend {backend} is not on this machine, which has {', '.join(here)};"
            f" {_INSTALL[backend]}"
        )
    kind = _OpenVino if backend in _PRECISIONS else _OnnxRuntime
    return kind(data, threads, backend)


class _OnnxRuntime:
    def __init__(self, data: bytes, threads: int, backend: str) -> None:
        provider, settings = _PROVIDERS[backend]
        if backend == "cuda":
            _load_cuda()
        self.backend = backend
        self._session = _onnx_session(data, _options(threads), [(provider, settings)])
        if provider not in self._session.get_providers():  # it falls back without a word
            raise MissingExtra(f"backend {backend}: {provider} does not start")
        # DirectML's sessions are not made for two threads at once
        self._turn = threading.Lock() if backend == "directml" else contextlib.nullcontext()

    def run(self, feed: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        with self._turn:
            image: NDArray[np.float32] = self._session.run(["image"], dict(feed))[0]
        return image


class _OpenVino:
    def __init__(self, data: bytes, threads: int, backend: str) -> None:
        precision, core = _PRECISIONS[backend], _openvino_core()
        if precision == "bf16" and not _has_bfloat16(core):  # it would not say that it uses float32
            raise MissingExtra(f"backend {backend}: this processor lacks bfloat16")
        settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": precision,
        }
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        self.backend = backend
        try:
            self._network = core.compile_model(core.read_model(_folded(data)), "CPU", settings)
        except Exception as error:
            raise RefusedModelError(f"OpenVINO refuses it ({one_line(error)})") from None

    def run(self, feed: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        request = self._network.create_infer_request()  # one each: threads cannot share it
        image: NDArray[np.float32] = request.infer(dict(feed))["image"]
        return image


def _openvino_core() -> Core:
    try:
        import openvino

        return openvino.Core()
    except Exception as error:
        raise MissingExtra(
            f"OpenVINO is installed, but does not start ({one_line(error)})"
        ) from None


def _has_bfloat16(core: Core) -> bool:
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _folded(data: bytes) -> bytes:
    """Return the model as ONNX Runtime folds it, in plain operators.

    OpenVINO knows no functions of a model's own; and its shifts of bytes, by which weights of few
    bits are unpacked (docs/model-file.md), saturate where bits should fall out (2026.4).
    """
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "folded.onnx"
        options = _options(threads=1)
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(file)
        _onnx_session(data, options, [("CPUExecutionProvider", {})])
        return file.read_bytes()


def _onnx_session(
    data: bytes, options: SessionOptions, providers: list[tuple[str, dict[str, str]]]
) -> InferenceSession:
    import onnxruntime as ort

    try:
        # The fallback would try the same again, and say so on stdout.
        return ort.InferenceSession(data, options, providers=providers, enable_fallback=0)
    except Exception as error:  # its exceptions share no base class
        raise RefusedModelError(f"ONNX Runtime refuses it ({one_line(error)})") from None


def _options(threads: int) -> SessionOptions:
    import onnxruntime as ort  # a second of import that `skyserver --help` need not wait for

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep the largest request's memory for ever
    options.log_severity_level = 4  # errors arrive as exceptions; their copies on stderr are noise
    options.add_session_config_entry("session.load_model_format", "ONNX")  # not the ORT flatbuffer
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle cores stay idle
    return options


def _load_cuda() -> None:
    """Load CUDA's libraries where pip put them, out of the system's sight (ONNX Runtime 1.21)."""
    import onnxruntime as ort

    if hasattr(ort, "preload_dlls"):
        with contextlib.redirect_stdout(sys.stderr):  # where it says what it does not find
            ort.preload_dlls()
