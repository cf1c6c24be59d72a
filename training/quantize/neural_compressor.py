"""onnx-neural-compressor's 4-bit weights (https://github.com/onnx/neural-compressor), in blocks of
32 inputs, symmetric.

A program of its own, run by `compressor.py` in an environment of its own (`make compressor`): the
library needs numpy below 2, and nothing of this package is there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx_neural_compressor.data_reader import CalibrationDataReader
from onnx_neural_compressor.quantization import matmul_nbits_quantizer
from onnxruntime import GraphOptimizationLevel

Feed = dict[str, NDArray[np.float32]]


class Feeds(CalibrationDataReader):
    """Inputs of the model from an .npz file, a row of each array at a time."""

    def __init__(self, path: str) -> None:
        with np.load(path) as arrays:
            self.arrays = dict(arrays)
        self.rewind()

    def rewind(self) -> None:
        """Begin again."""
        count = min(map(len, self.arrays.values()))
        self.rows: Iterator[Feed] = iter(
            [{name: rows[i : i + 1] for name, rows in self.arrays.items()} for i in range(count)]
        )

    def get_next(self) -> Feed | None:
        """The next feed, or None after the last."""
        return next(self.rows, None)


def main() -> None:
    """Quantize a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=("rtn", "gptq", "awq"))
    parser.add_argument("model", help="ONNX file to read")
    parser.add_argument("output", help="ONNX file to write")
    parser.add_argument("--feeds", help="inputs to calibrate on (gptq, awq), an .npz file")
    parser.add_argument(
        "--optimize",
        action="store_true",
        help="let ONNX Runtime rewrite the model first, as the library does when nothing is said: "
        "it makes MatMul and Add one Gemm, which the library passes by",
    )
    options = parser.parse_args()
    if options.method == "rtn":
        algorithm = matmul_nbits_quantizer.RTNWeightOnlyQuantConfig()
    elif options.method == "gptq":
        algorithm = matmul_nbits_quantizer.GPTQWeightOnlyQuantConfig(Feeds(options.feeds))
    else:
        algorithm = matmul_nbits_quantizer.AWQWeightOnlyQuantConfig(Feeds(options.feeds))
    level = GraphOptimizationLevel
    quantizer = matmul_nbits_quantizer.MatMulNBitsQuantizer(
        onnx.load(options.model),
        n_bits=4,
        block_size=32,
        is_symmetric=True,
        algo_config=algorithm,
        optimization_level=level.ORT_ENABLE_BASIC if options.optimize else level.ORT_DISABLE_ALL,
    )
    quantizer.process()
    onnx.save(quantizer.model, options.output)


if __name__ == "__main__":
    main()
