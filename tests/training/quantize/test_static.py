import onnx
import onnxruntime

from skyserver.model import SkyModel
from training.quantize.error import measure
from training.quantize.latents import feeds
from training.quantize.source import read
from training.quantize.static import dynamic, static


def save(model, source, path):
    del model.metadata_props[:]
    model.metadata_props.extend(source.graph.metadata_props)
    onnx.save(model, path)
    return SkyModel.load(path)


def test_convolutions_run_in_integers_and_draw_nearly_the_same(small_file, tmp_path):
    source = read(small_file)
    calibration = feeds(source.model.info, 2, seed=0)
    path, steps = tmp_path / "static.onnx", []
    model = static(source.graph, calibration, lambda *step: steps.append(step))
    quantized = save(model, source, path)
    assert steps == [(done, 4) for done in range(4)]
    error = measure(quantized, source.model, feeds(source.model.info, 2, seed=1))
    assert 25 < error.psnr < 60
    assert path.stat().st_size < small_file.stat().st_size / 2.5  # of 16 taps 9 are used
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    operators = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    assert operators.count("QLinearConv") == 2
    assert "ConvTranspose" not in operators
    assert operators[operators.index("DepthToSpace") + 1] == "DequantizeLinear"


def test_dynamic_is_onnxruntimes(small_file, tmp_path):
    source = read(small_file)
    quantized = save(dynamic(source.graph), source, tmp_path / "dynamic.onnx")
    error = measure(quantized, source.model, feeds(source.model.info, 1, seed=0))
    assert 20 < error.psnr < 60
