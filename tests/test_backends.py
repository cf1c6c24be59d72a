"""Other backends draw what ONNX Runtime's own does; one that is not here says so in one line."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx.reference
import onnxruntime
import pytest
import tiny
from numpy.typing import NDArray

from skyserver import backends
from skyserver.backends import BACKENDS, PREFERENCE, available, preferred
from skyserver.errors import InvalidField, MissingExtra, ModelError
from skyserver.latents import sky_latents
from skyserver.model import SkyModel

ONE_LEVEL = 1 / 255


def pictures(model: SkyModel, seed: int = 0) -> NDArray[np.float32]:
    return model.run(sky_latents(seed, 10, 16, pictures=3), model.class_weights("Cu"), 0.8)


@pytest.mark.parametrize(
    "code",
    [
        "from skyserver.model import SkyModel; SkyModel.load(sys.argv[1], 1, 'cpu')",
        "import training, onnxruntime; onnxruntime.InferenceSession(sys.argv[1])",
    ],
)
def test_onnx_runtime_reports_to_nobody(tiny_model: Path, tmp_path: Path, code: str) -> None:
    """What it reports begins with ids, which it keeps in files."""
    environment = {**os.environ, **dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), str(tmp_path))}
    environment.pop("ORT_DISABLE_TELEMETRY")
    command = [sys.executable, "-c", f"import sys; {code}", str(tiny_model)]
    subprocess.run(command, env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_the_processor_always_draws() -> None:
    assert "cpu" in available()
    assert set(available()) < set(BACKENDS)
    assert PREFERENCE[-1] == "cpu"


def test_an_unknown_backend_is_refused_with_those_there_are(tiny_model: Path) -> None:
    with pytest.raises(InvalidField, match=r"backend: 'tpu' is not allowed; allowed: auto, cpu, "):
        SkyModel.load(tiny_model, backend="tpu")


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name not in ("auto", "cpu")])
def test_a_backend_that_is_not_here_says_how_to_get_it(tiny_model: Path, backend: str) -> None:
    if backend in available():
        pytest.skip("it is here")
    with pytest.raises(
        MissingExtra, match=rf"backend {backend} .* has cpu.*; pip install"
    ) as caught:
        SkyModel.load(tiny_model, backend=backend)
    assert "\n" not in str(caught.value)


def test_auto_takes_the_best_that_is_here(tiny_model: Path) -> None:
    assert SkyModel.load(tiny_model).backend == preferred()[0]
    assert SkyModel.load(tiny_model, backend="cpu").backend == "cpu"


@pytest.mark.parametrize(("bfloat16", "best"), [(True, "openvino"), (False, "cpu")])
def test_openvino_is_preferred_only_where_it_is_ahead(
    monkeypatch: pytest.MonkeyPatch, bfloat16: bool, best: str
) -> None:
    monkeypatch.setattr(backends, "available", lambda: ["cpu", "coreml", "openvino"])
    monkeypatch.setattr(backends, "_openvino_core", lambda: None)
    monkeypatch.setattr(backends, "_has_bfloat16", lambda _: bfloat16)
    assert preferred()[0] == best
    assert preferred()[-1] == "cpu"


def test_an_openvino_that_does_not_start_leaves_the_processor(
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "openvino.py").write_text("raise ImportError('a library is\\nabsent')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "openvino", raising=False)
    with caplog.at_level(logging.WARNING):
        assert SkyModel.load(tiny_model).backend == "cpu"
    reason = "OpenVINO is installed, but does not start (a library is absent)"
    assert caplog.messages == [f"openvino is passed over: {reason}"]
    with pytest.raises(MissingExtra, match=re.escape(reason)):
        SkyModel.load(tiny_model, backend="openvino")


@pytest.fixture
def cuda_pretends(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA as on a machine without its libraries: it is listed, and the session runs without it."""
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("CUDA is here")
    monkeypatch.setattr(backends, "available", lambda: ["cpu", "cuda"])


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.usefixtures("cuda_pretends")
def test_a_backend_that_does_not_start_is_an_error_by_name(tiny_model: Path) -> None:
    with pytest.raises(MissingExtra, match="CUDAExecutionProvider does not start"):
        SkyModel.load(tiny_model, backend="cuda")


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.usefixtures("cuda_pretends")
def test_auto_passes_over_it_and_says_so(
    tiny_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        model = SkyModel.load(tiny_model)
    assert model.backend == "cpu"
    assert caplog.messages == [
        "cuda is passed over: backend cuda: CUDAExecutionProvider does not start"
    ]


@pytest.mark.parametrize("backend", ["cpu", "openvino"])
def test_the_same_seed_gives_the_same_picture(tiny_model: Path, backend: str) -> None:
    """Against onnx's own evaluator, not only against each other."""
    if backend not in available():
        pytest.skip(f"{backend} is not installed")
    model = SkyModel.load(tiny_model, threads=1, backend=backend)
    assert model.backend == backend
    z, c = sky_latents(0, 10, 16, pictures=3), model.class_weights("Cu")
    feed = {"z": z, "c": np.stack([c] * 4), "psi": np.full(4, 0.8, np.float32)}
    expected = onnx.reference.ReferenceEvaluator(tiny.tiny_model()).run(["image"], feed)[0]
    drawn = pictures(model)
    np.testing.assert_allclose(drawn, expected.transpose(0, 2, 3, 1) / 2 + 0.5, atol=1e-5)
    assert drawn.tobytes() == pictures(model).tobytes()


@pytest.mark.parametrize("backend", ["cpu", "openvino"])
def test_a_model_may_have_functions_of_its_own(
    tmp_path: Path, tiny_model: Path, backend: str
) -> None:
    """OpenVINO does not know them by itself."""
    if backend not in available():
        pytest.skip(f"{backend} is not installed")
    proto = tiny.tiny_model()
    domain, opsets = "tests.tiny", proto.opset_import[:]
    squash = onnx.helper.make_node("Tanh", ["x"], ["y"])
    function = onnx.helper.make_function(domain, "Squash", ["x"], ["y"], [squash], opsets)
    proto.functions.append(function)
    proto.opset_import.append(onnx.helper.make_opsetid(domain, 1))
    proto.graph.node[5].domain, proto.graph.node[5].op_type = domain, "Squash"
    onnx.save(proto, tmp_path / "functions.onnx")
    model = SkyModel.load(tmp_path / "functions.onnx", threads=1, backend=backend)
    plain = SkyModel.load(tiny_model, threads=1, backend="cpu")
    np.testing.assert_allclose(pictures(model), pictures(plain), atol=1e-5)


def shipped(backend: str) -> Callable[[int], NDArray[np.float32]]:
    """A picture of each seed, as the default model draws it."""
    model = SkyModel.load(threads=1, backend=backend)
    info = model.info
    codes = [cloud.code for cloud in info.classes]

    def draw(seed: int) -> NDArray[np.float32]:
        z = sky_latents(seed, info.layers, info.z_dim, pictures=1)[:1]
        return model.run(z, model.class_weights(codes[seed % len(codes)]), 1.0)

    return draw


def test_openvino_draws_the_default_model_within_one_level() -> None:
    pytest.importorskip("openvino")
    ours, theirs = shipped("cpu"), shipped("openvino")
    for seed in range(4):
        assert np.abs(ours(seed) - theirs(seed)).max() < ONE_LEVEL / 10


def test_openvino_in_bfloat16_is_near_or_says_what_the_processor_lacks() -> None:
    openvino = pytest.importorskip("openvino")
    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        with pytest.raises(MissingExtra, match="this processor lacks bfloat16"):
            shipped("openvino-bf16")
        return
    error = shipped("cpu")(0) - shipped("openvino-bf16")(0)
    assert 1e-5 < np.sqrt(np.mean(error**2)) < ONE_LEVEL


@pytest.mark.parametrize("backend", ["cpu", "openvino"])
def test_several_threads_may_draw_at_once(tiny_model: Path, backend: str) -> None:
    if backend not in available():
        pytest.skip(f"{backend} is not installed")
    model = SkyModel.load(tiny_model, threads=1, backend=backend)
    alone = [pictures(model, seed).tobytes() for seed in range(8)]
    with ThreadPoolExecutor(4) as threads:
        together = [picture.tobytes() for picture in threads.map(pictures, [model] * 8, range(8))]
    assert together == alone


def test_a_file_is_checked_before_another_backend_sees_it(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    proto = tiny.tiny_model()
    proto.graph.node[5].op_type = "Nonsense"
    (tmp_path / "bad.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError, match=r"bad\.onnx: ONNX Runtime refuses it"):
        SkyModel.load(tmp_path / "bad.onnx", backend="openvino")
