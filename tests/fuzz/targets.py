"""All that reads bytes from outside, as targets: a function of any bytes, and where to begin.

A target returns, whatever the bytes are. What it raises is a defect: an error that the module does
not promise, an error of several lines, or a result that is not what it should be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
import onnx
import tiny
from google.protobuf.message import DecodeError, Message

from skyserver import messages, radiance
from skyserver.decode import decode
from skyserver.encode import encode
from skyserver.errors import Busy, InvalidField, UnreadableImage
from skyserver.onnx_wire import WireError, has_external_data
from skyserver.request import FORMATS, ConvertRequest, Output, SkyRequest
from skyserver.server import framing
from skyserver.server.access import Limits
from skyserver.server.config_sources import read_config
from skyserver.server.tokens import read_tokens
from skyserver.status import DETAILS_KEY, from_status, to_status
from skyserver.v1 import skyserver_pb2 as pb

_FOLDER = tempfile.TemporaryDirectory()

MOST_PIXELS = 2**14  # so that most of the time goes into headers


@dataclass(frozen=True)
class Target:
    """`seeds` are inputs that are whole; mutations of them reach further than noise."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def read_image(data: bytes) -> None:
    try:
        image = decode(data, "image", MOST_PIXELS)
    except UnreadableImage as error:
        _check_line(error)
        return
    assert image.dtype == np.float32
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert image.min() >= 0
    assert image.max() <= 1


def read_radiance(data: bytes) -> None:
    try:
        width, height = radiance.size(data)
        if width * height <= MOST_PIXELS:
            light = radiance.read(data)
            assert light.shape == (height, width, 3)
            assert light.min(initial=0) >= 0
    except ValueError as error:
        _check_line(error)


def look_through_onnx(data: bytes) -> None:
    """Whatever onnx's own parser finds outside the file, the search finds too."""
    try:
        found = has_external_data(data)
    except WireError as error:
        _check_line(error)
        return
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        return
    outside = any(tensor.external_data or tensor.data_location for tensor in _tensors(model))
    assert found or not outside


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    if isinstance(message, onnx.TensorProto):
        yield message
    for field, value in message.ListFields():
        if field.message_type:
            for part in value if field.is_repeated else [value]:
                yield from _tensors(part)


def read_sky_request(data: bytes) -> None:
    try:
        sky = messages.to_sky_request(pb.GenerateRequest.FromString(data))
        sky.check()
    except DecodeError:
        return
    except InvalidField as error:
        _check_line(error)
        return
    assert messages.to_sky_request(messages.from_sky_request(sky, "")) == sky


def read_convert_request(data: bytes) -> None:
    try:
        message = pb.ConvertRequest.FromString(data)
        conversion = messages.to_convert_request(message)
        conversion.check()
    except DecodeError:
        return
    except InvalidField as error:
        _check_line(error)
        return
    again = messages.from_convert_request(message.images, conversion)
    assert messages.to_convert_request(again) == conversion


def read_status(data: bytes) -> None:
    """What a server says of an error, to a client."""
    error = from_status(grpc.StatusCode.INTERNAL, "message", [(DETAILS_KEY, data)])
    to_status(error)


def read_frame(data: bytes) -> None:
    try:
        assert framing.frame(framing.message_of(data)) == data
    except InvalidField as error:
        _check_line(error)
    try:
        assert 0 <= framing.seconds_of(data.decode("latin-1")) <= 86400
    except InvalidField as error:
        _check_line(error)


def read_config_file(data: bytes) -> None:
    _read_file(data, lambda file: read_config({}, file))


def read_token_file(data: bytes) -> None:
    _read_file(data, lambda file: read_tokens(file, Limits()))


def _read_file(data: bytes, read: Callable[[Path], object]) -> None:
    file = Path(_FOLDER.name) / "file.toml"
    file.write_bytes(data)
    try:
        read(file)
    except InvalidField as error:
        _check_line(error)


def _check_line(error: Exception) -> None:
    text = str(error)
    assert text
    assert "\n" not in text
    assert len(text) < 2000


def _images() -> tuple[bytes, ...]:
    picture = np.random.default_rng(0).random((8, 16, 3), np.float32)
    return tuple(encode(picture, format) for format in FORMATS)


def _models() -> tuple[bytes, ...]:
    inside = tiny.tiny_model()
    del inside.graph.initializer[0]  # the largest, which leads nowhere
    outside = onnx.ModelProto()
    outside.CopyFrom(inside)
    outside.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    outside.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    return inside.SerializeToString(), outside.SerializeToString()


_SKY = SkyRequest("Cu", 7, 0.5, 2, "mirror", "#102030", (Output(), Output("faces", 512)), "Ci", 0.1)
_BUSY = Busy("the queue is full", 2)
_CONFIG = b"""port = 1
host = "127.0.0.1"
models = ["a.onnx"]
max_seconds = 2.5
http = false
cors_origins = ["https://example.org"]
"""
_TOKENS = b"""[[token]]
name = "anna"
token = "anna-0123456789abcdef"
admin = true
concurrency = 1
requests_per_minute = 60

[[token]]
name = "bert"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""

TARGETS = {
    "decode": Target(read_image, _images()),
    "radiance": Target(
        read_radiance,
        (
            radiance.write(np.full((3, 9, 3), 0.3, np.float32)),
            radiance.write(np.full((3, 7, 3), 4, np.float32)),
        ),
    ),
    "onnx_wire": Target(look_through_onnx, _models()),
    "sky_request": Target(
        read_sky_request, (messages.from_sky_request(_SKY, "tiny").SerializeToString(),)
    ),
    "convert_request": Target(
        read_convert_request,
        (messages.from_convert_request([b"image"], ConvertRequest()).SerializeToString(),),
    ),
    "status": Target(
        read_status,
        (to_status(_BUSY)[2][0][1], to_status(InvalidField("psi", 2, "0 to 1"))[2][0][1]),
    ),
    "framing": Target(read_frame, (framing.frame(b"message"), b"99H")),
    "config": Target(read_config_file, (_CONFIG, b"port = " + b"9" * 5000, b"a = " + b"[" * 5000)),
    "tokens": Target(read_token_file, (_TOKENS,)),
}
