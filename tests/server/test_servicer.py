"""Real requests through a real server: the sky that comes back, and what bad input comes to."""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import grpc
import numpy as np
import onnx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from live import live_server, status_of
from PIL import Image

from skyserver import pipeline
from skyserver.client import SkyClient
from skyserver.errors import NotFound, UnreadableImage
from skyserver.model import SkyModel
from skyserver.request import ConvertRequest, Output, SkyRequest
from skyserver.server.config import ServerConfig
from skyserver.sun import Sun
from skyserver.thumbnails import draw_thumbnails
from skyserver.v1 import skyserver_pb2 as pb
from skyserver.v1.skyserver_pb2_grpc import SkyServerStub

OUTPUTS = (Output("panorama", 512), Output("faces", 128, "jpg", "opengl"))
CUMULUS = SkyRequest("Cu", 2**64 - 1, 0.0, 2, "blend", "#102030", OUTPUTS, "cirrus", 0.3)


def png(width: int = 64, height: int = 32, animated: bool = False, kind: str = "PNG") -> bytes:
    colours = np.random.default_rng(0).integers(0, 255, (2, height, width, 3), np.uint8)
    first, second = map(Image.fromarray, colours)
    file = io.BytesIO()
    more = {"save_all": True, "append_images": [second]} if animated else {}
    first.save(file, kind, **more)
    return file.getvalue()


def bomb() -> bytes:
    """A valid PNG of 30,000 x 30,000 black pixels, of one bit each, in about 100 kB."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((30_000 // 8 + 1) * 30_000), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + part(b"IHDR", header) + part(b"IDAT", pixels) + part(b"IEND", b"")


def test_the_description_is_the_models_and_the_limits(
    channel: grpc.Channel, model: SkyModel
) -> None:
    description = SkyServerStub(channel).Describe(pb.DescribeRequest())
    (described,) = description.models
    assert (described.name, described.digest) == ("tiny", model.info.digest)
    assert described.backend == model.backend
    assert [cloud.code for cloud in described.clouds] == [
        "Ac",
        "As",
        "Cb",
        "Cc",
        "Ci",
        "Cs",
        "Ct",
        "Cu",
        "Ns",
        "Sc",
        "St",
    ]
    assert description.limits.queue == 2
    assert description.limits.max_upload_bytes == 2**20
    assert (description.limits.min_psi, description.limits.max_psi) == (0, 1)
    assert list(description.limits.panorama_widths) == [512, 1024, 2048, 4096, 8192]
    assert pb.FORMAT_PNG in description.limits.formats
    assert description.oldest_protocol <= description.protocol


def test_a_sky_is_the_pipelines_own_to_the_byte(address: str, model: SkyModel) -> None:
    events = []
    with SkyClient(address) as client:
        result = client.generate(CUMULUS, progress=lambda *event: events.append(event))
    expected = pipeline.generate(model, CUMULUS)
    assert result.artifacts == expected.artifacts
    assert_same_sun(result.sun, expected.sun)
    assert set(result.seconds) == {"queue", *expected.seconds}
    stages = list(dict.fromkeys(stage for stage, _ in events))
    assert stages == ["queue", *pipeline.STAGES]
    fractions = [fraction for _, fraction in events]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1


def assert_same_sun(one: Sun, other: Sun) -> None:
    """Up to the rounding of the protocol's float32."""
    assert one.direction == pytest.approx(other.direction, abs=1e-6)
    assert one.confidence == pytest.approx(other.confidence, abs=1e-6)
    assert one.colour == pytest.approx(other.colour, abs=1e-6)


def test_the_facts_ask_for_the_same_bytes_again(address: str) -> None:
    with SkyClient(address) as client:
        first = client.generate(CUMULUS)
        assert first.request == CUMULUS
        again = client.generate(first.request, first.model)
    assert again.artifacts == first.artifacts
    assert (again.request, again.model) == (first.request, first.model)


def test_a_conversion_is_the_pipelines_own_to_the_byte(address: str) -> None:
    conversion = ConvertRequest("panorama", "threejs", outputs=OUTPUTS)
    with SkyClient(address) as client:
        result = client.convert([png(256, 128)], conversion)
    expected = pipeline.convert([png(256, 128)], conversion)
    assert result.artifacts == expected.artifacts
    assert_same_sun(result.sun, expected.sun)
    assert (result.request, result.model) == (None, "")


def test_a_model_is_chosen_by_name_or_digest(
    tmp_path: Path, tiny_model: Path, model: SkyModel
) -> None:
    other_file = onnx.load(tiny_model)
    next(p for p in other_file.metadata_props if p.key == "skyserver.name").value = "other"
    onnx.save(other_file, tmp_path / "other.onnx")
    other = SkyModel.load(tmp_path / "other.onnx", threads=1)
    with (
        live_server([model, other], ServerConfig(port=0)) as address,
        SkyClient(address) as client,
    ):
        assert [described.name for described in client.describe().models] == ["tiny", "other"]
        for wanted, drawn in (
            ("", model),
            ("tiny", model),
            ("other", other),
            (other.info.digest, other),
        ):
            assert client.generate(CUMULUS, wanted).model == drawn.info.digest
        with pytest.raises(NotFound, match="known: tiny, other"):
            client.generate(CUMULUS, "neither")


def test_thumbnails_are_the_models_own(address: str, model: SkyModel) -> None:
    with SkyClient(address) as client:
        assert client.thumbnails() == draw_thumbnails(model, 128, lambda: None)
        assert client.thumbnails(32, "tiny") == draw_thumbnails(model, 32, lambda: None)
        with pytest.raises(NotFound, match="model"):
            client.thumbnails(32, "other")


@pytest.mark.parametrize("size", [31, 257])
def test_the_size_of_thumbnails_is_bounded(channel: grpc.Channel, size: int) -> None:
    code, message = status_of(SkyServerStub(channel).Thumbnails(pb.ThumbnailsRequest(size=size)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message == f"size: {size} is not allowed; allowed: 32 to 256"


def sky(**fields: object) -> pb.GenerateRequest:
    return pb.GenerateRequest(**{"cloud": "Cu"} | fields)


def output(**fields: object) -> pb.GenerateRequest:
    return sky(outputs=[pb.Output(**fields)])


@pytest.mark.parametrize(
    ("request_", "field", "allowed"),
    [
        (sky(psi=1.5), "psi", "0.0 to 1.0"),
        (sky(psi=-0.1), "psi", "0.0 to 1.0"),
        (sky(psi=math.nan), "psi", "0.0 to 1.0"),
        (sky(pictures=9), "pictures", "1 to 8"),
        (sky(mix_with="Ci", mix_share=1.5), "mix_share", "0.0 to 1.0"),
        (sky(method=7), "method", "1 (blend), 2 (mirror)"),
        (sky(below="#12"), "below", "#rrggbb"),
        (output(size=1000), "outputs[0].size", "512, 1024, 2048, 4096, 8192"),
        (output(size=4096, layout=pb.LAYOUT_FACES), "outputs[0].size", "128, 256, 512"),
        (output(format=77), "outputs[0].format", "png"),
        (sky(outputs=[pb.Output()] * 5), "outputs", "1 to 4 outputs"),
    ],
)
def test_a_bad_field_is_named_with_what_is_allowed(
    channel: grpc.Channel, request_: pb.GenerateRequest, field: str, allowed: str
) -> None:
    code, message = status_of(SkyServerStub(channel).Generate(request_))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(f"{field}: ")
    assert allowed in message
    assert_alive(channel)


@pytest.mark.parametrize(
    ("request_", "field", "known"),
    [
        (sky(cloud="Xx"), "cloud", "Cu (cumulus)"),
        (sky(cloud=""), "cloud", "Cu (cumulus)"),
        (sky(cloud="Cu\n\x1b[31m" * 100), "cloud", "Cu (cumulus)"),
        (sky(mix_with="Xx"), "mix_with", "Cu (cumulus)"),
        (sky(model="other"), "model", "tiny"),
    ],
)
def test_the_unknown_is_not_found_and_the_known_listed(
    channel: grpc.Channel, request_: pb.GenerateRequest, field: str, known: str
) -> None:
    code, message = status_of(SkyServerStub(channel).Generate(request_))
    assert code is grpc.StatusCode.NOT_FOUND
    assert message.startswith(f"{field}: ")
    assert known in message
    assert message.isprintable()
    assert_alive(channel)


def test_a_client_gets_the_list_of_the_known(address: str) -> None:
    with SkyClient(address) as client, pytest.raises(NotFound) as caught:
        client.generate(SkyRequest("Xx"))
    assert caught.value.field == "cloud"
    assert len(caught.value.known) == 11


@pytest.mark.parametrize(
    ("images", "field"),
    [
        (lambda: [], "images"),
        (lambda: [png()] * 2, "images"),
        (lambda: [b""], "images[0]"),
        (lambda: [png()[:-100]], "images[0]"),
        (lambda: [b"a text that somebody called sky.png"], "images[0]"),
        (lambda: [png(animated=True, kind="GIF")], "images[0]"),
        (lambda: [png(animated=True)], "images[0]"),
        (lambda: [bomb()], "images[0]"),
        (lambda: [png(64, 64)] * 5 + [png(32, 32)], "images[5]"),
        (lambda: [bytes(2**20 + 1)], "images"),
    ],
    ids=["none", "two", "empty", "truncated", "text", "gif", "apng", "bomb", "unequal", "too-big"],
)
def test_a_bad_upload_is_named(
    channel: grpc.Channel, images: Callable[[], list[bytes]], field: str
) -> None:
    call = SkyServerStub(channel).Convert(pb.ConvertRequest(images=images()))
    code, message = status_of(call)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(f"{field}: ")
    assert "allowed: " in message
    assert message.isprintable()
    assert_alive(channel)


def test_the_limit_of_pixels_is_told_and_kept(model: SkyModel) -> None:
    with (
        live_server([model], ServerConfig(port=0, max_pixels=64 * 64)) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = SkyServerStub(channel)
        assert stub.Describe(pb.DescribeRequest()).limits.max_pixels == 64 * 64
        for images, field in (
            ([png(64, 65)], "images[0]"),
            ([png(64, 64)] * 5 + [png(65, 65)], "images[5]"),
        ):
            code, message = status_of(stub.Convert(pb.ConvertRequest(images=images)))
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert message.startswith(f"{field}: ")
            assert "1 to 4096 pixels" in message


def test_a_client_gets_an_unreadable_image_as_one(address: str) -> None:
    with SkyClient(address) as client, pytest.raises(UnreadableImage) as caught:
        client.convert([b"a text"], ConvertRequest())
    assert caught.value.field == "images[0]"


def assert_alive(channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert SkyServerStub(channel).Describe(pb.DescribeRequest()).models
