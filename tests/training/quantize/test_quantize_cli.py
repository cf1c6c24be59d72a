import json
from pathlib import Path

import onnx
import pytest
from small_generator import small_generator
from typer.testing import CliRunner

from skyserver.model import SkyModel, default_file
from training.cli import app
from training.quantize.error import measure
from training.quantize.latents import feeds
from training.quantize.trellis import table

ROOT = Path(__file__).parents[3]
FLOAT = ROOT / "training" / "models" / "clouds-256.onnx"


def quantize(model, output, *arguments):
    return CliRunner().invoke(app, ["quantize", str(model), "-o", str(output), *arguments])


def facts(model):
    properties = {entry.key: entry.value for entry in onnx.load(str(model)).metadata_props}
    return json.loads(properties["skyserver.quantization"])


def test_a_real_model_in_eight_bits(tmp_path):
    output = tmp_path / "int8.onnx"
    result = quantize(FLOAT, output, "--method", "int8", "--latents", "1")
    assert result.exit_code == 0, result.output
    assert output.stat().st_size < FLOAT.stat().st_size / 4
    assert facts(output)["psnr"] > 42
    assert "MB of 6.79" in result.output


def test_the_default_model_draws_what_the_workshops_draws():
    """As nearly as its metadata says, on latents that none of it was measured on."""
    default, source = SkyModel.load(), SkyModel.load(FLOAT)
    said = facts(default_file())
    assert said["source"] == source.info.digest
    error = measure(default, source, feeds(source.info, 2, seed=77))
    assert error.psnr == pytest.approx(said["psnr"], abs=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "int9"], "--method: 'int9'"),
        (["--method", "int8", "--max-error", "0"], "--max-error: 0"),
        (["--method", "int4", "--block", "1"], "--block: 1"),
        (["--method", "qdq", "--latents", "0"], "--latents: 0"),
        (["--method", "mixed"], "--size-budget: None"),
        (["--method", "mixed", "--size-budget", "-1"], "--size-budget: -1"),
        (["--method", "int8", "--size-budget", "1"], "--size-budget: 1"),
        (["--method", "int8", "--quick"], "--quick: True"),
        (["--method", "qdq", "--classes", "Xy"], "classes: 'Xy' is unknown; known: Ac, Cu"),
        (["--method", "int3"], "int3 has an error of"),
        (["--method", "fp16", "--compensate"], "--compensate: True"),
        (["--method", "qdq", "--trellis"], "--trellis: True"),
        (["--method", "int8", "--trellis"], "--trellis: True"),
        (["--method", "int4", "--trellis", "--block", "32"], "--block: 32"),
    ],
)
def test_bad_options_are_one_line_and_nothing_is_written(small_file, tmp_path, arguments, message):
    result = quantize(small_file, tmp_path / "out.onnx", *arguments)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert list(tmp_path.iterdir()) == [small_file]


def test_bits_that_the_opset_lacks_are_refused(small_file, tmp_path):
    onnx.save(small_generator(opset=17), small_file)
    result = quantize(small_file, tmp_path / "out.onnx", "--method", "int4")
    assert "int4: not in opset 17; allowed: opset 18 or later" in str(result.exception)


def test_a_quantized_model_is_not_quantized_again(small_file, tmp_path):
    assert quantize(small_file, tmp_path / "half.onnx", "--method", "fp16").exit_code == 0
    result = quantize(tmp_path / "half.onnx", tmp_path / "int8.onnx", "--method", "int8")
    assert "half.onnx: already quantized" in str(result.exception)
    assert not (tmp_path / "int8.onnx").exists()


def test_compensated_weights_of_as_many_bytes_draw_truer_pictures(small_file, tmp_path):
    """And the file says how it was made."""
    figures = {}
    for option in ((), ("--compensate",), ("--compensate", "--trellis")):
        output = tmp_path / f"int4{''.join(option)}.onnx"
        limits = ("--method", "int4", "--max-error", "255", "--latents", "2")
        result = quantize(small_file, output, *limits, *option)
        assert result.exit_code == 0, result.output
        properties = {entry.key: entry.value for entry in onnx.load(output).metadata_props}
        facts = json.loads(properties["skyserver.quantization"])
        figures[facts["method"]] = facts["psnr"], output.stat().st_size
    (plain, size), (compensated, same) = figures["int4"], figures["int4, compensated"]
    assert compensated > plain + 1
    assert abs(same - size) < 32
    streams, smaller = figures["int4, trellis, compensated"]
    assert streams > compensated + 1
    assert smaller - table().nbytes < 0.97 * size
