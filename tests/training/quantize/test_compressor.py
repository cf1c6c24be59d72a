import subprocess
from functools import cache

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from small_generator import feed, small_generator
from typer.testing import CliRunner

from skyserver.errors import MissingExtra
from training.cli import app
from training.quantize import compressor
from training.quantize.compressor import compress

FEEDS = [feed(label, seed) for seed in range(4) for label in range(2)]
MATRICES = {"classes", "affine_0", "affine_1", "energy_0", "energy_1"}
installed = pytest.mark.skipif(
    not compressor.ENVIRONMENT.exists(), reason="needs .venv-compressor (make compressor)"
)

# the report's figure 19, between a file read and a file written
FIGURE_19 = """
import sys, onnx
onnx_model = onnx.load(sys.argv[1])

from onnx_neural_compressor.quantization import matmul_nbits_quantizer

algo_config = matmul_nbits_quantizer.RTNWeightOnlyQuantConfig()
quant = matmul_nbits_quantizer.MatMulNBitsQuantizer(
    onnx_model,
    n_bits=4,
    block_size=32,
    is_symmetric=True,
    algo_config=algo_config,
)
quant.process()
best_model = quant.model

onnx.save(best_model, sys.argv[2])
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """An environment whose Python is a shell script."""
    monkeypatch.setattr(compressor, "ENVIRONMENT", tmp_path)

    def write(script):
        (tmp_path / "bin").mkdir()
        python = tmp_path / "bin" / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)

    return write


@cache
def compressed(method):
    return compress(small_generator(), method, FEEDS)


def pictures(model):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    fresh = [feed(label, seed) for seed in (50, 51, 52) for label in range(2)]
    return np.concatenate([session.run(["image"], inputs)[0] for inputs in fresh])


def test_without_its_environment_it_says_how_to_set_it_up(small, tmp_path, monkeypatch):
    monkeypatch.setattr(compressor, "ENVIRONMENT", tmp_path / "absent")
    with pytest.raises(MissingExtra, match=r"^rtn: needs .*`make compressor` \(pip install .*\)$"):
        compress(small, "rtn", [])


def test_the_command_says_so_too_and_writes_nothing(small_file, tmp_path, monkeypatch):
    monkeypatch.setattr(compressor, "ENVIRONMENT", tmp_path / "absent")
    arguments = ["quantize", str(small_file), "-o", str(tmp_path / "o.onnx"), "--method", "awq"]
    result = CliRunner().invoke(app, arguments)
    assert str(result.exception).startswith("awq: needs onnx-neural-compressor")
    assert list(tmp_path.iterdir()) == [small_file]


def test_what_the_library_says_last_is_the_error(small, fake):
    fake('echo "Traceback" >&2; echo "ValueError: no calibration data" >&2; exit 1')
    with pytest.raises(ValueError, match=r"^gptq: .* failed: ValueError: no calibration data$"):
        compress(small, "gptq", FEEDS)


def test_the_library_gets_named_nodes_matrices_and_every_feed(small, fake, tmp_path):
    fake(f'cp "$4" {tmp_path}/in.onnx; cp "$7" {tmp_path}/feeds.npz; cp "$4" "$5"')
    result = compress(small, "awq", FEEDS)
    given = onnx.load(tmp_path / "in.onnx")
    names = [node.name for node in given.graph.node]
    assert all(names)
    assert len(set(names)) == len(names)
    assert {tensor.name for tensor in given.graph.initializer} == MATRICES
    arrays = np.load(tmp_path / "feeds.npz")
    np.testing.assert_array_equal(arrays["z"], np.concatenate([f["z"] for f in FEEDS]))
    assert arrays["c"].shape == (8, 2)
    np.testing.assert_array_equal(pictures(result), pictures(small))
    constants = [{t.name for t in model.graph.initializer} for model in (result, small)]
    assert constants[0] == constants[1]


@installed
@pytest.mark.parametrize("method", compressor.METHODS)
def test_matrices_become_four_bits_and_the_rest_stays(method, small):
    result = compressed(method)
    onnx.checker.check_model(result)
    assert [p.key for p in result.metadata_props] == [p.key for p in small.metadata_props]
    before = {t.name: numpy_helper.to_array(t) for t in small.graph.initializer}
    after = {t.name: numpy_helper.to_array(t) for t in result.graph.initializer}
    reached = [node for node in result.graph.node if node.op_type == "MatMulNBits"]
    assert len(reached) == len(MATRICES)
    assert not MATRICES & after.keys()
    for name in ("weight_0", "weight_1", "mapping_weight", "noise_1", "const"):
        np.testing.assert_array_equal(after[name], before[name])
    squared = np.square(pictures(result) - pictures(small)).mean() / 4
    assert 20 < -10 * np.log10(squared) < 60


@installed
def test_rtn_rounds_to_the_nearest_of_sixteen_levels(small):
    result = compressed("rtn")
    tensors = {t.name: numpy_helper.to_array(t) for t in result.graph.initializer}
    weight = next(t for t in small.graph.initializer if t.name == "affine_0")
    (node,) = [
        n for n in result.graph.node if n.op_type == "MatMulNBits" and "styles_0" in n.output
    ]
    packed, scales = tensors[node.input[1]], tensors[node.input[2]]
    expected = numpy_helper.to_array(weight).T.reshape(*packed.shape[:2], 32)  # out, blocks, in
    codes = np.stack([packed & 15, packed >> 4], axis=-1).reshape(expected.shape).astype(int) - 8
    scales = scales.reshape(*packed.shape[:2], 1)
    nearest = np.clip(np.rint(expected / scales), -8, 7)
    np.testing.assert_array_equal(codes, nearest)


@installed
def test_figure_19_runs_as_written(small, tmp_path):
    given, best = tmp_path / "given.onnx", tmp_path / "best.onnx"
    for index, node in enumerate(small.graph.node):
        node.name = f"node-{index}"
    onnx.save(small, given)
    python = compressor.ENVIRONMENT / "bin" / "python"
    done = subprocess.run([python, "-c", FIGURE_19, given, best], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert best.stat().st_size < given.stat().st_size
