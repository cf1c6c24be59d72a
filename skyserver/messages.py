"""Protobuf messages to the dataclasses of `skyserver` and back. Nothing else knows both.

The names in request.py are the enum values' names in the protocol: "horizontal-cross" of the enum
Layout is LAYOUT_HORIZONTAL_CROSS. The value 0 is the default, as is every field left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from skyserver import __version__
from skyserver.encode import import_openexr
from skyserver.errors import InvalidField, MissingExtra
from skyserver.orientation import ORIENTATIONS
from skyserver.pipeline import Artifact
from skyserver.request import (
    FACE_SIZES,
    FORMATS,
    LAYOUTS,
    MAX_OUTPUTS,
    PANORAMA_WIDTHS,
    PICTURES_RANGE,
    PSI_RANGE,
    ConvertRequest,
    Output,
    SkyRequest,
)
from skyserver.sun import Sun
from skyserver.thumbnails import Thumbnail
from skyserver.v1 import admin_pb2
from skyserver.v1 import skyserver_pb2 as pb

if TYPE_CHECKING:  # a client needs nothing of the server
    from skyserver.model import SkyModel
    from skyserver.server.access import Limits
    from skyserver.server.config import ServerConfig

PROTOCOL: Final = 2  # the revision of protos/skyserver/v1/skyserver.proto
OLDEST_PROTOCOL: Final = 1  # of the clients that the server still understands

CHUNK_BYTES: Final = 256 * 2**10


def to_sky_request(message: pb.GenerateRequest) -> SkyRequest:
    """Return the request with its defaults filled in; `SkyRequest.check` has yet to see it.

    Raises:
        InvalidField: an enum has a number that it does not define, or the outputs are too many.

    """
    return SkyRequest(
        cloud=message.cloud,
        seed=message.seed,
        **_given(psi=message.psi if message.HasField("psi") else None),
        **_given(pictures=message.pictures or None),
        mix_with=message.mix_with,
        **_given(mix_share=message.mix_share if message.HasField("mix_share") else None),
        **_shape(message),
    )


def to_convert_request(message: pb.ConvertRequest) -> ConvertRequest:
    """Return the request with its defaults filled in; `ConvertRequest.check` has yet to see it.

    Raises:
        InvalidField: an enum has a number that it does not define, or the outputs are too many.

    """
    return ConvertRequest(
        **_given(
            kind=_name("kind", pb.Kind, message.kind),
            orientation=_name("orientation", pb.Orientation, message.orientation),
        ),
        **_shape(message),
    )


def from_sky_request(request: SkyRequest, model: str) -> pb.GenerateRequest:
    """Return the message that asks `model` (a name or digest, "" for the default) for this sky."""
    return pb.GenerateRequest(
        cloud=request.cloud,
        model=model,
        seed=request.seed,
        psi=request.psi,
        pictures=request.pictures,
        method=_number(pb.Method, request.method),
        below=request.below,
        outputs=map(_from_output, request.outputs),
        mix_with=request.mix_with,
        mix_share=request.mix_share,
    )


def from_convert_request(images: Sequence[bytes], request: ConvertRequest) -> pb.ConvertRequest:
    """Return the message that asks for this conversion."""
    return pb.ConvertRequest(
        images=images,
        kind=None if request.kind == "auto" else _number(pb.Kind, request.kind),
        orientation=_number(pb.Orientation, request.orientation),
        method=_number(pb.Method, request.method),
        below=request.below,
        outputs=map(_from_output, request.outputs),
    )


def to_description(
    models: Sequence[SkyModel], config: ServerConfig, client: Limits
) -> pb.DescribeResponse:
    """Return what the server says about itself to a client with these limits; the first model is
    its default.
    """
    return pb.DescribeResponse(
        server_version=__version__,
        protocol=PROTOCOL,
        oldest_protocol=OLDEST_PROTOCOL,
        models=map(_from_model, models),
        limits=_limits(config, client),
    )


def to_models(models: Sequence[SkyModel]) -> admin_pb2.ModelsResponse:
    """Return what is served after a change; the first model is the default."""
    return admin_pb2.ModelsResponse(models=map(_from_model, models))


def to_progress(stage: str, fraction: float) -> pb.SkyEvent:
    """Return the event that a stage begins."""
    return pb.SkyEvent(progress=pb.Progress(stage=stage, fraction=fraction))


def to_header(artifact: Artifact) -> pb.Artifact:
    """Return the header that announces an artifact. Hashes all of its bytes."""
    return pb.Artifact(
        name=artifact.name,
        media_type=artifact.media_type,
        size=len(artifact.data),
        width=artifact.width,
        height=artifact.height,
        sha256=hashlib.sha256(artifact.data).digest(),
    )


def to_chunks(data: bytes) -> Iterator[pb.SkyEvent]:
    """Yield the bytes of an artifact in pieces of `CHUNK_BYTES`, the last one shorter."""
    for start in range(0, len(data), CHUNK_BYTES):
        yield pb.SkyEvent(chunk=data[start : start + CHUNK_BYTES])


def to_facts(
    seconds: Mapping[str, float], sun: Sun | None, request: pb.GenerateRequest | None
) -> pb.SkyEvent:
    """Return the last event: seconds by stage and, of a generated sky, how to ask for it again."""
    stages = [pb.StageTime(stage=stage, seconds=spent) for stage, spent in seconds.items()]
    place = None if sun is None else _from_sun(sun)
    return pb.SkyEvent(facts=pb.Facts(request=request, stages=stages, sun=place))


def to_sun(message: pb.Sun) -> Sun:
    """Return the sun that the facts tell of."""
    return Sun(
        direction=(message.x, message.y, message.z),
        confidence=message.confidence,
        colour=(message.red, message.green, message.blue),
    )


def to_thumbnail(message: pb.Thumbnail) -> Thumbnail:
    """Return the thumbnail of a message."""
    return Thumbnail(message.cloud, message.media_type, message.image)


def from_thumbnail(thumbnail: Thumbnail) -> pb.Thumbnail:
    """Return the message that carries a thumbnail."""
    return pb.Thumbnail(
        cloud=thumbnail.cloud, media_type=thumbnail.media_type, image=thumbnail.image
    )


def _from_sun(sun: Sun) -> pb.Sun:
    x, y, z = sun.direction
    red, green, blue = sun.colour
    return pb.Sun(x=x, y=y, z=z, confidence=sun.confidence, red=red, green=green, blue=blue)


def _limits(config: ServerConfig, client: Limits) -> pb.Limits:
    return pb.Limits(
        min_psi=PSI_RANGE[0],
        max_psi=PSI_RANGE[1],
        min_pictures=PICTURES_RANGE[0],
        max_pictures=PICTURES_RANGE[1],
        max_outputs=MAX_OUTPUTS,
        panorama_widths=PANORAMA_WIDTHS,
        face_sizes=FACE_SIZES,
        layouts=[_number(pb.Layout, name) for name in LAYOUTS],
        formats=[_number(pb.Format, name) for name in FORMATS if _can_write(name)],
        orientations=[_number(pb.Orientation, name) for name in ORIENTATIONS],
        max_upload_bytes=config.max_upload_bytes,
        max_message_bytes=config.max_message_bytes,
        max_seconds=config.max_seconds,
        queue=config.queue,
        max_pixels=config.max_pixels,
        concurrency=client.concurrency or 0,
        requests_per_minute=client.requests_per_minute or 0,
    )


def _can_write(format: str) -> bool:
    try:
        return format != "exr" or bool(import_openexr())
    except MissingExtra:
        return False


def _from_model(model: SkyModel) -> pb.Model:
    info = model.info
    return pb.Model(
        name=info.name,
        digest=info.digest,
        width=info.width,
        height=info.height,
        clouds=[
            pb.CloudType(code=cloud.code, name=cloud.name, description=cloud.description)
            for cloud in info.classes
        ],
        wraps_horizontally=info.wraps,
        licence=info.licence,
        training_json=json.dumps(dict(info.training)),
        backend=model.backend,
    )


def _shape(message: pb.GenerateRequest | pb.ConvertRequest) -> dict[str, Any]:
    """The fields that both requests have, those that were given."""
    if len(message.outputs) > MAX_OUTPUTS:  # before each of what may be millions becomes an object
        raise InvalidField("outputs", len(message.outputs), f"1 to {MAX_OUTPUTS} outputs")
    outputs = (_to_output(f"outputs[{i}]", output) for i, output in enumerate(message.outputs))
    return _given(
        method=_name("method", pb.Method, message.method),
        below=message.below or None,
        outputs=tuple(outputs) or None,
    )


def _to_output(field: str, message: pb.Output) -> Output:
    layout = _name(f"{field}.layout", pb.Layout, message.layout) or Output.layout
    same_detail = Output.size if layout == "panorama" else Output.size // 4
    return Output(
        layout=layout,
        size=message.size or same_detail,
        **_given(
            format=_name(f"{field}.format", pb.Format, message.format),
            orientation=_name(f"{field}.orientation", pb.Orientation, message.orientation),
        ),
    )


def _from_output(output: Output) -> pb.Output:
    return pb.Output(
        layout=_number(pb.Layout, output.layout),
        size=output.size,
        format=_number(pb.Format, output.format),
        orientation=_number(pb.Orientation, output.orientation),
    )


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _name(field: str, enum: Any, number: int) -> str | None:
    """The name that request.py has for an enum value; None for 0, the default."""
    if number == 0:
        return None
    prefix = f"{enum.DESCRIPTOR.name.upper()}_"
    names = {value: _spelled(key, prefix) for key, value in enum.items()}
    if number not in names:
        allowed = ", ".join(f"{value} ({name})" for value, name in names.items() if value)
        raise InvalidField(field, number, allowed)
    return names[number]


def _spelled(key: str, prefix: str) -> str:
    return key.removeprefix(prefix).lower().replace("_", "-")


def _number(enum: Any, name: str) -> Any:
    return enum.Value(f"{enum.DESCRIPTOR.name}_{name}".upper().replace("-", "_"))
