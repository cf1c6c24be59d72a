"""What error compensation knows of a model's activations: the Gram matrix of the inputs of each
weight, over generated pictures.

With what a layer's outputs are weighted sums of as columns of X, rounding its weights W to Q
changes its outputs by ||(W - Q) X||² = tr((W - Q) G (W - Q)ᵀ), G = X Xᵀ: the error depends on the
activations through the Gram matrix alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnx.shape_inference
import onnx.utils
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from training.quantize.latents import Feed, OnStep
from training.quantize.targets import LINEAR

CONVOLUTIONS = ("Conv", "ConvTranspose")
STYLES = 128  # of each class: together more than a style has entries
PLACES = 4096  # outputs of a convolution in each picture: neighbours say much the same
BAND = 2**23  # entries of X at a time: 32 MiB

Floats = NDArray[np.float32]
Grams = dict[str, NDArray[np.float64]]


def gram_matrices(
    model: ModelProto,
    pictures: Sequence[Feed],
    styles: Sequence[Feed],
    threads: int = 0,
    on_step: OnStep = lambda _done, _total: None,
) -> Grams:
    """Gram matrix float64 (columns, columns) of each constant weight, by the initializer's name.

    Rows and columns are those of the weight's matrix (out, in * kh * kw). `pictures` are drawn for
    the inputs of convolutions; where the low-pass filter of an upsampling layer follows one, the
    inputs are filtered, since what it takes out of the error does no harm. For linear layers, to
    which a picture is a single sample, `styles` are computed, of which thousands cost little.
    Grouped and dilated convolutions have no entry: a generator of ours only resamples with them.
    `threads` is 0 for all cores.
    """
    layers = list(_layers(model.graph))
    linear = [layer for layer in layers if layer.op in LINEAR]
    convolutions = [layer for layer in layers if layer.op in CONVOLUTIONS]
    inferred = onnx.shape_inference.infer_shapes(model)
    return {
        **_collect(inferred, linear, styles, threads, lambda _done, _total: None),
        **_collect(inferred, convolutions, pictures, threads, on_step),
    }


@dataclass(frozen=True)
class _Layer:
    """A node that multiplies the activation by the constant weight, of that kernel (kh, kw).

    `smoothing` is a low-pass filter (4, 4) that follows it, with padding `margins`.
    """

    op: str
    weight: str
    activation: str
    kernel: tuple[int, ...]
    attributes: Mapping[str, Any]
    smoothing: Floats | None = None
    margins: tuple[int, ...] = (0, 0, 0, 0)

    def gram(self, x: Floats) -> NDArray[np.float64]:
        """The part that an activation x, (..., in) or (1, in, height, width), adds."""
        if self.op in LINEAR:
            x = x.reshape(-1, x.shape[-1])
            return (x.T @ x).astype(np.float64)
        windows = self._windows(x)[0].transpose(1, 2, 0, 3, 4)  # top, left, in, kh, kw
        columns = math.prod(windows.shape[2:])
        tops, lefts = _places(*windows.shape[:2])
        total = np.zeros((columns, columns))
        for band in np.array_split(np.arange(len(tops)), math.ceil(len(tops) * columns / BAND)):
            rows = windows[tops[band], lefts[band]].reshape(-1, columns)
            total += rows.T @ rows
        return total * (math.prod(windows.shape[:2]) / len(tops))

    def _windows(self, x: Floats) -> Floats:
        """What each output is a weighted sum of: (1, in, top, left, kh, kw)."""
        top, left, bottom, right = self.attributes.get("pads", (0, 0, 0, 0))
        down, across = self.attributes.get("strides", (1, 1))
        if self.op == "Conv":
            padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
            return sliding_window_view(padded, self.kernel, (2, 3))[:, :, ::down, ::across]
        # A transposed convolution convolves the input, zeros between its samples, with the taps
        # flipped; a filter may as well come before it.
        above, before, below, after = self.margins
        kh, kw = self.kernel[0] - 1, self.kernel[1] - 1
        vertical = (kh - top + above, kh - bottom + below)
        horizontal = (kw - left + before, kw - right + after)
        spread = np.pad(_spread(x, down, across), ((0, 0), (0, 0), vertical, horizontal))
        if self.smoothing is not None:
            spread = _filtered(spread, self.smoothing)
        return sliding_window_view(spread, self.kernel, (2, 3))[..., ::-1, ::-1]


def _places(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the outputs that are looked at: all, or `PLACES` at random, since even
    ones would see a single phase of a transposed convolution."""
    places = np.arange(height * width)
    if len(places) > PLACES:
        places = np.sort(np.random.default_rng(0).choice(places, PLACES, replace=False))
    return np.divmod(places, width)


def _spread(x: Floats, down: int, across: int) -> Floats:
    """Put zeros between the samples of (n, channels, height, width)."""
    *outer, height, width = x.shape
    shape = (*outer, (height - 1) * down + 1, (width - 1) * across + 1)
    spread = np.zeros(shape, np.float32)
    spread[:, :, ::down, ::across] = x
    return spread


def _filtered(x: Floats, taps: Floats) -> Floats:
    """Every channel of (n, channels, height, width) correlated with `taps`, without padding."""
    height, width = x.shape[2] - taps.shape[0] + 1, x.shape[3] - taps.shape[1] + 1
    shifted = (tap * x[:, :, i : i + height, j : j + width] for (i, j), tap in np.ndenumerate(taps))
    return sum(shifted, np.zeros((), np.float32))


def _layers(graph: GraphProto) -> Iterator[_Layer]:
    constants = {tensor.name: tensor for tensor in graph.initializer}
    inputs = {value.name for value in graph.input}
    readers: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in graph.node:
        if node.op_type not in LINEAR + CONVOLUTIONS or node.input[1] not in constants:
            continue
        activation, weight = node.input[:2]
        shape, attributes = tuple(constants[weight].dims), _attributes(node)
        if activation in constants.keys() | inputs or not _plain(shape, attributes):
            continue
        after = readers.get(node.output[0], [])
        smoothing = _smoothing(after, constants) if node.op_type == "ConvTranspose" else ()
        yield _Layer(node.op_type, weight, activation, shape[2:], attributes, *smoothing)


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def _plain(shape: tuple[int, ...], attributes: Mapping[str, Any]) -> bool:
    """Whether `_Layer` tells what a node with a weight of that shape computes."""
    unusual = (
        attributes.get("group", 1) != 1,
        set(attributes.get("dilations", (1,))) != {1},
        any(attributes.get("output_padding", ())),
        attributes.get("auto_pad", b"NOTSET") != b"NOTSET",
        attributes.get("transA", 0) != 0,
    )
    return len(shape) in (2, 4) and not any(unusual)


def _smoothing(
    after: list[NodeProto], constants: Mapping[str, onnx.TensorProto]
) -> tuple[()] | tuple[Floats, tuple[int, ...]]:
    """The filter and its padding, if all that reads a layer is a depthwise convolution that treats
    every channel alike."""
    if len(after) != 1 or after[0].op_type != "Conv" or after[0].input[1] not in constants:
        return ()
    taps, attributes = numpy_helper.to_array(constants[after[0].input[1]]), _attributes(after[0])
    depthwise = attributes.get("group", 1) == len(taps) and taps.shape[1] == 1
    strides = set(attributes.get("strides", (1,)))
    if not depthwise or strides != {1} or (taps != taps[:1]).any():
        return ()
    return taps[0, 0], tuple(attributes.get("pads", (0, 0, 0, 0)))


def _collect(
    model: ModelProto,
    layers: Iterable[_Layer],
    draws: Sequence[Feed],
    threads: int,
    on_step: OnStep,
) -> Grams:
    """The matrices of these layers, of a run for each of the draws."""
    names = list(dict.fromkeys(layer.activation for layer in layers))
    if not names:
        return {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # errors arrive as exceptions
    # ONNX Runtime would compute the rest of the graph too
    part = onnx.utils.Extractor(model).extract_model(["z", "c", "psi"], names)
    session = onnxruntime.InferenceSession(
        part.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    grams: Grams = {}
    for done, feed in enumerate(draws):
        on_step(done, len(draws))
        activations = dict(zip(names, session.run(names, feed), strict=True))
        for layer in layers:
            gram = layer.gram(activations[layer.activation])
            grams[layer.weight] = grams.get(layer.weight, 0) + gram
    return grams
